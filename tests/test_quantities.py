"""One fact, however it is written."""

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.locales import lexicon
from rag.quantities import Evidence, facts

LOCALES = ["en", "id", "ms", "ru", "uk", "ar", "fa", "tr", "de", "es", "fr", "pt", "it", "nl", "pl", "zh", "ja", "ko", "vi", "hi"]


def holds(said: str, language: str, told: str, other: str, date: str = "") -> bool:
    evidence = Evidence([(told, other)], [date])
    return all(evidence.holds(fact) for fact in facts(said, language) if fact.firm)


def numbers(text: str, language: str) -> set[object]:
    return {m[1] for fact in facts(text, language) for m in fact.meanings if m[0] == "number"}


@settings(deadline=None)
@given(st.integers(0, 10**13), st.sampled_from(LOCALES), st.booleans())
def test_a_whole_number_as_any_locale_writes_it_is_that_number(number: int, locale: str, own_digits: bool) -> None:
    system = "default" if own_digits else "latn"
    text = format_decimal(number, locale=locale, numbering_system=system)
    assert Decimal(number) in numbers(text, locale)


@settings(deadline=None)
@given(st.decimals(0, 10**6, places=2), st.sampled_from(LOCALES))
def test_a_decimal_as_any_locale_writes_it_is_that_number(number: Decimal, locale: str) -> None:
    text = format_decimal(number, format="#,##0.00", locale=locale)
    assert number in numbers(text, locale)


@settings(deadline=None)
@given(st.integers(1, 999), st.integers(3, 12), st.sampled_from(LOCALES))
def test_a_number_with_a_scale_word_is_the_number_it_stands_for(number: int, power: int, locale: str) -> None:
    kind = "long" if "long" in lexicon(locale).locale.compact_decimal_formats else "short"
    text = format_compact_decimal(number * 10**power, format_type=kind, locale=locale, fraction_digits=9)
    assert Decimal(number * 10**power) in numbers(text, locale) or not text[0].isdigit()


@settings(deadline=None)
@given(
    st.dates(date(1000, 1, 1)),
    st.sampled_from([x for x in LOCALES if x != "fa"]),
    st.sampled_from([x for x in LOCALES if x != "fa"]),
)
def test_a_day_of_a_month_in_one_language_is_the_same_day_in_another(day: object, one: str, other: str) -> None:
    said, told = (format_date(day, "long", locale=locale) for locale in (one, other))
    assert holds(said, one, told, other)


@settings(deadline=None)
@given(st.dates(date(1000, 1, 1)), st.sampled_from(LOCALES), st.sampled_from(LOCALES))
def test_a_weekday_in_one_language_is_the_same_in_another(day: object, one: str, other: str) -> None:
    said, told = (format_date(day, "EEEE", locale=locale) for locale in (one, other))
    assert holds(said, one, told, other)


@given(st.integers(2, 99), st.sampled_from(LOCALES))
@settings(deadline=None)
def test_per_cent_needs_per_cent(number: int, locale: str) -> None:
    text = format_percent(number / 100, locale=locale)
    assert holds(f"{number} percent", "en", text, locale)
    assert not holds(f"{number} people", "en", text, locale)


@pytest.mark.parametrize(
    ("said", "language", "told", "other"),
    [
        ("3.2 trillion rupiah", "en", "3,2 triliun rupiah", "id"),
        ("3.2万亿", "zh", "3,2 трлн", "ru"),
        ("twenty-three people", "en", "23 orang", "id"),
        ("двух недель", "ru", "dua pekan", "id"),
        ("三百人", "zh", "300 orang", "id"),
        ("at 4:12 a.m.", "en", "pukul 04.12", "id"),
        ("on 29 May", "en", "Kamis (29/5)", "id"),
        ("5 mil millones de dólares", "es", "$5 billion", "en"),
        ("next year", "en", "tahun depan", "id"),
        ("nine hours", "en", "아홉 시간씩", "ko"),
        ("three people", "en", "세 명이 숨졌다", "ko"),
        ("twenty-five people", "en", "पच्चीस लोग", "hi"),
        ("seven people", "en", "επτά άνθρωποι", "el"),
        ("tres cartas", "es", "三封信", "zh"),
        ("in December", "en", "aralıkta", "tr"),
        ("on Friday", "en", "dina Jemuah", "jv"),
        ("في المئة 4.5", "ar", "4,5 persen", "id"),
        ("3亿2000万", "zh", "320 million", "en"),
        ("四万八千年", "zh", "48.000 tahun", "id"),
        ("2,500 करोड़ रुपये", "hi", "25 billion rupees", "en"),
        ("25 अरब रुपये", "hi", "2,500 crore rupees", "en"),
        ("241 ألفا", "ar", "241.000 orang", "id"),
        ("hôm thứ Ba", "vi", "pada Selasa", "id"),
        ("5 мая", "ru", "5 Mei", "id"),
    ],
)
def test_what_is_said_stands_in_what_is_told(said: str, language: str, told: str, other: str) -> None:
    assert facts(said, language)
    assert holds(said, language, told, other)


@pytest.mark.parametrize(
    ("said", "language", "told", "other"),
    [
        ("9.9 trillion", "en", "3,2 triliun", "id"),
        ("3.2 million", "en", "3,2 miliar", "id"),
        ("on Tuesday", "en", "pada Jumat", "id"),
        ("14 June", "en", "14 Juli", "id"),
        ("$5 billion", "en", "5 miliar euro", "id"),
        ("6 days", "en", "6 pekan", "id"),
        ("next month", "en", "tahun depan", "id"),
        ("19:40", "en", "pukul 07.40", "id"),
        ("three people", "en", "23세 남성", "ko"),
    ],
)
def test_what_is_said_does_not_stand_in_what_is_told(said: str, language: str, told: str, other: str) -> None:
    assert facts(said, language)
    assert not holds(said, language, told, other)


def test_the_date_of_the_document_says_which_friday_it_was() -> None:
    assert holds("on 21 January 2022", "en", "pada hari Jumat", "id", "2022-01-22")
    assert not holds("on 19 January", "en", "pada hari Jumat", "id", "2022-01-22")


def test_two_numbers_of_one_scale_are_two() -> None:
    assert numbers("四万五万", "zh") == {40_000, 50_000}
    assert numbers("4万5万", "zh") == {40_000, 50_000}


def test_a_name_is_no_month() -> None:
    assert not facts("генерал-майор Изак Румбиак", "ru")
    assert not facts("Представитель ВОЗ Марта Оливейра", "ru")
    assert facts("Марта 5-го", "ru")


def test_one_and_a_million_are_not_asked_for() -> None:
    assert holds("one of a million reasons", "en", "tidak ada", "id")
    assert holds("1 million people", "en", "satu juta orang", "id")


def test_the_two_need_no_number_in_the_evidence_but_the_three_do() -> None:
    said = [("the two countries", "en"), ("两国", "zh"), ("the three countries", "en"), ("two percent", "en")]
    assert [fact.firm for text, language in said for fact in facts(text, language)] == [False, False, True, True]


def test_people_are_counted_in_russian_by_words_of_their_own() -> None:
    (five,) = facts("beş asker", "tr")
    assert Evidence([("пятеро военных", "ru")], []).holds(five)
