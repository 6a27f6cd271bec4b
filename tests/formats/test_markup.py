from html import escape

from hypothesis import given
from hypothesis import strategies as st

from rag.formats.article import cleaned
from rag.formats.markup import blocks, parsed

PLAIN = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1).filter(str.strip)


@given(st.lists(PLAIN, min_size=1, max_size=5))
def test_paragraphs_come_out_as_they_went_in(paragraphs: list[str]) -> None:
    html = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    words = [" ".join(cleaned(text).split()) for text in paragraphs]
    assert [" ".join(text.split()) for text in blocks(parsed(f"<body>{html}")).split("\n\n")] == words


@given(st.text(max_size=300))
def test_anything_between_angles_is_read_to_its_end(text: str) -> None:
    blocks(parsed(f"<p>{text}<b>end</b>"))


def test_lines_of_lists_and_cells_of_tables_stay_apart() -> None:
    html = "<ul><li>One<li>Two</ul>after<table><tr><td>a <td> b</tr><tr><td>c<td>d</tr></table>x<br>y<div>in<b>li</b>ne</div>"
    assert blocks(parsed(html)) == "One\nTwo\n\nafter\n\na\tb\nc\td\n\nx\ny\n\ninline"


def test_what_a_page_does_not_show_is_left_out() -> None:
    assert blocks(parsed("<p>a<script>x</script>b<!-- c --><style>d</style></p><svg><text>e</text></svg>f")) == "ab\n\nf"
