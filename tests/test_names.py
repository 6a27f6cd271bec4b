"""Names over languages and scripts."""

import pytest

from rag.locales import lexicon
from rag.names import Names, directions, find, names, places, sounds

GENEVA = names("He met her in Geneva", "en")[-1]


@pytest.mark.parametrize(
    ("told", "language"), [("di Jenewa", "id"), ("в Женеве", "ru"), ("في جنيف", "ar"), ("जिनेवा में", "hi"), ("제네바", "ko")]
)
def test_geneva_sounds_alike_in_any_script(told: str, language: str) -> None:
    assert Names([(told, language)]).hold(GENEVA)


@pytest.mark.parametrize(("told", "language"), [("di Wina", "id"), ("в Риме", "ru"), ("في فيينا", "ar"), ("在维也纳", "zh")])
def test_another_city_is_not_geneva(told: str, language: str) -> None:
    assert not Names([(told, language)]).hold(GENEVA)


def test_countries_are_one_by_cldr_though_they_share_no_sound() -> None:
    (germany,) = names("قالت ألمانيا إنها ترفض", "ar")
    assert germany.place == "DE"
    assert Names([("Jerman menolak", "id")]).hold(germany)


def test_a_name_is_a_word_with_a_capital_that_does_not_open_the_sentence() -> None:
    assert [name.text for name in names("The minister met Ratna Sari's aide.", "en") if name.sure] == ["Ratna", "Sari"]


def test_german_nouns_are_not_sure_to_be_names() -> None:
    assert not any(name.sure for name in names("Der Bürgermeister öffnet die Schule", "de"))


def test_a_name_is_found_where_it_stands() -> None:
    name = names("kata Perry Santoso", "id")[-1]
    text = "قال بيري سانتوسو"
    assert text[find(name, text, "ar") :] == "سانتوسو"
    assert find(name, "قال الوزير", "ar") == -1


def test_a_skeleton_has_neither_vowels_nor_doubles_in_any_script() -> None:
    assert sounds("Ratna") == sounds("Ратна") == sounds("Rattna") == {"LTN"}


def test_words_that_offices_and_bodies_are_named_with_are_not_sure_to_be_names() -> None:
    text = "Dün Rusya Dışişleri Bakanlığı Sözcüsü Olga Petrova konuştu"
    assert [name.text for name in names(text, "tr") if name.sure] == ["Rusya", "Olga", "Petrova"]
    assert [name.text for name in names("He met Foreign Minister Ratna Sari", "en") if name.sure] == ["Ratna", "Sari"]


def test_a_turkish_ending_behind_the_apostrophe_is_no_part_of_a_name() -> None:
    (name,) = [name for name in names("Dün Gromov'un evinde", "tr") if name.sure]
    assert name.text == "Gromov"


def test_a_katakana_name_is_a_whole_word() -> None:
    assert not [name for name in names("南カリマンタン州で", "ja") if name.place]
    assert [name.text for name in names("ペルーのリマで", "ja")] == ["ペルー", "リマ"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Jawa Tengah", "id"),
        ("Central Java", "en"),
        ("Midden-Java", "nl"),
        ("جاوة الوسطى", "ar"),
        ("中爪哇省", "zh"),
        ("中部ジャワ州", "ja"),
    ],
)
def test_a_point_of_the_compass_is_one_in_any_language(text: str, language: str) -> None:
    assert directions(text, language) == {"central"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("negara Timur Tengah", "id"), ("the Middle East, the Central Bank and Western officials", "en"), ("الشرق الأوسط", "ar"),
        ("北京、印度尼西亚和新西兰，弗朗西斯", "zh"), ("North Korea", "en"), ("Der Nahe Osten, Südkorea und Westminster", "de"),
        ("Banco Central", "es"), ("Юго-Восточная Азия", "ru"),
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str, language: str) -> None:
    assert not directions(text, language)


@pytest.mark.parametrize(
    ("told", "language", "code"),
    [("из Турции", "ru", "TR"), ("в Южной Корее", "ru", "KR"), ("на Кубе", "ru", "CU"), ("з Туреччини", "uk", "TR"),
     ("z Turcji", "pl", "TR"), ("w Maroku", "pl", "MA"), ("Chinas und Russlands", "de", "CN"), ("유엔은", "ko", "UN")],
)  # fmt: skip
def test_a_country_is_known_in_any_case(told: str, language: str, code: str) -> None:
    assert places(told, language)[0][1] == code


@pytest.mark.parametrize("language", ["ru", "uk", "pl", "de", "ko", "id"])
def test_every_place_is_known_by_its_own_name(language: str) -> None:
    known = lexicon(language).places
    assert [name for name, code in known.items() if [c for _, c in places(name, language)][:1] != [code]] == []


@pytest.mark.parametrize("word", ["Самой", "Кубок", "Малой"])
def test_what_begins_like_a_country_is_none(word: str) -> None:
    assert not places(f"{word} большой", "ru")


def test_a_country_is_known_by_its_short_name() -> None:
    (nations,) = (name for name in names("kata juru bicara PBB", "id") if name.place)
    assert Names([("إن الأمم المتحدة", "ar")]).hold(nations)
