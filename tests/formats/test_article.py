from hypothesis import given
from hypothesis import strategies as st

from rag.formats.article import address, cleaned, day, first_line, label

ANY = st.text(st.characters())  # halves of pairs and control characters among them


@given(ANY)
def test_cleaned_text_is_text_and_stays_as_it_is(text: str) -> None:
    clean = cleaned(text)
    clean.encode()
    assert cleaned(clean) == clean
    assert "\n\n\n" not in clean
    assert not any(c in clean for c in "\0\r\x1b\x85\u2028")


@given(ANY)
def test_cleaning_loses_no_letter_and_no_digit(text: str) -> None:
    def kept(words: str) -> str:
        return "".join(c for c in words if c.isalnum())

    assert kept(cleaned(text)) == kept(text)


@given(st.one_of(ANY, st.none(), st.integers(), st.lists(ANY)))
def test_labels_are_one_short_line_and_addresses_lead_to_the_web(value: object) -> None:
    assert len(label(value)) <= 300
    assert len(label(value).splitlines()) <= 1
    assert address(value) == "" or address(value).startswith("http")
    assert len(day(value)) in {0, 4, 7, 10}


def test_a_date_is_the_beginning_of_a_time() -> None:
    days = [
        day(text)
        for text in ("2025-03-12T08:15:00+07:00", "2025-03", "2025", "2025-13-01", "12 March 2025", "", "0001-01-01T00:00:00Z")
    ]
    assert days == ["2025-03-12", "2025-03", "2025", "2025", "", "", ""]


def test_the_title_is_the_first_line_with_words() -> None:
    assert first_line("\n \n  Harga  beras\tnaik \nIsi") == "Harga beras naik"
