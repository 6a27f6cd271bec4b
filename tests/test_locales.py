"""What CLDR is asked for."""

import pytest

from rag.locales import WORDS, fold, lexicon


@pytest.mark.parametrize(
    ("language", "word", "scale"),
    [
        ("id", "triliun", 10**12),
        ("en", "trillion", 10**12),
        ("ru", "трлн", 10**12),
        ("zh", "万亿", 10**12),
        ("de", "milliarden", 10**9),
        ("hi", "लाख", 10**5),
        ("es", "mil millones", 10**9),
    ],
)
def test_scale_words_multiply_by_what_they_say(language: str, word: str, scale: int) -> None:
    assert lexicon(language).scales[word] == scale


@pytest.mark.parametrize("language", ["en", "id", "ru", "ar", "zh", "de"])
def test_switzerland_and_vienna_are_known_in_every_language(language: str) -> None:
    assert {"CH", "Europe/Vienna"} <= set(lexicon(language).places.values())


def test_a_unit_is_known_in_its_plural_forms() -> None:
    units = lexicon("ru").units
    assert units["неделя"] == units["недели"] == units["недель"] == "duration-week"


def test_numbers_in_words_leave_out_what_is_also_another_word() -> None:
    assert lexicon("vi").numerals.get("năm") is None
    assert lexicon("id").numerals["dua puluh tiga"] == 23


def test_a_language_that_cldr_does_not_know_counts_as_english() -> None:
    assert lexicon("xx-nowhere").language == "en"


def test_every_word_of_a_table_is_written_as_it_is_looked_up() -> None:
    for kind in ("scales", "units"):
        for words in WORDS[kind].values():
            assert [word for word in words if word != fold(word)] == []
