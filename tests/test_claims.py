import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.claims import claims


@pytest.mark.parametrize(
    ("reply", "sentences"),
    [
        ("It opened [1].", [("It opened.", (1,))]),
        ("It opened. [1, 2]", [("It opened.", (1, 2))]),
        ("It opened.[1] [2] It cost 40.[2]", [("It opened.", (1, 2)), ("It cost 40.", (2,))]),
        ("1. It opened. [1]\n2. It cost 40. [2]\n", [("It opened.", (1,)), ("It cost 40.", (2,))]),
        ("- It opened [1]\n- It cost 40 [2]", [("It opened", (1,)), ("It cost 40", (2,))]),
        ("It opened.\n[1]\n\nIt cost. [2]", [("It opened.", (1,)), ("It cost.", (2,))]),
        ("Mr. Smith said it [1] opened. 40 came. [2]", [("Mr. Smith said it opened.", (1,)), ("40 came.", (2,))]),
        ("It [[1]2] did. [1]", [("It (2) did.", (1,))]),
        ("It did. [9999]", [("It did. (9999)", ())]),
        ("大桥于周一开通。[1]耗资四千万。[2]", [("大桥于周一开通。", (1,)), ("耗资四千万。", (2,))]),
        ("افتتح الجسر يوم الاثنين. [1]", [("افتتح الجسر يوم الاثنين.", (1,))]),
    ],
)
def test_sentences_and_markers_are_told_apart_however_the_reply_is_cut(reply: str, sentences: list[tuple[str, tuple[int]]]) -> None:
    for size in (1, 3, len(reply)):
        pieces = (reply[at : at + size] for at in range(0, len(reply), size))
        assert [(s.text, s.citations) for s in claims(pieces, "en")] == sentences


@given(st.lists(st.text(max_size=12), max_size=8))
def test_whatever_comes_no_claim_has_a_marker_of_ours_in_its_words(pieces: list[str]) -> None:
    for claim in claims(pieces, "en"):
        assert claim.marked.count("[") >= len(claim.citations)
        assert not any(f"[{n}]" in claim.text for n in range(1000))
