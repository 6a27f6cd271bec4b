"""Words that turn a statement."""

import pytest

from rag.locales import WORDS
from rag.polarity import doubts, loosened, negations, opposite, refusals


def words(spans: list[tuple[int, int]], text: str) -> list[str]:
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("It did not open", "en", ["not"]),
        ("Jembatan belum dibuka", "id", ["belum"]),
        ("Мост не открыт", "ru", ["не"]),
        ("桥没有开放", "zh", ["没有"]),
        ("洪水淹没了桥", "zh", []),
        ("A notable knot", "en", []),
        ("Die Brücke ist nicht offen", "de", ["nicht"]),
    ],
)
def test_negations_are_words_of_their_own(text: str, language: str, found: list[str]) -> None:
    assert words(negations(text, language), text) == found


def test_a_doubt_is_no_future() -> None:
    assert doubts("It will rain", "en") == []
    assert words(doubts("It may rain", "en"), "It may rain") == ["may"]


def test_a_refusal_says_no_without_a_negation() -> None:
    assert refusals("Ia membantah tuduhan", "id")
    assert negations("Ia membantah tuduhan", "id") == []


def test_nothing_is_found_in_a_language_without_a_table() -> None:
    assert negations("Er komt niet", "xx") == []


def test_every_language_with_negations_has_doubts_and_refusals() -> None:
    assert set(WORDS["negations"]) == set(WORDS["doubts"]) == set(WORDS["refusals"])


@pytest.mark.parametrize(
    ("told", "language", "true", "false"),
    [
        ("Harga beras naik sepuluh persen.", "en", "Rice prices rose.", "Rice prices fell."),
        ("Harga beras turun sepuluh persen.", "ru", "Цены на рис снизились.", "Цены на рис выросли."),
        ("Harga beras turun sepuluh persen.", "ar", "انخفضت أسعار الأرز.", "ارتفعت أسعار الأرز."),
        ("Harga beras naik sepuluh persen.", "zh", "大米价格上涨。", "大米价格下跌。"),
        ("Harga beras naik sepuluh persen.", "tr", "Pirinç fiyatları yükseldi.", "Pirinç fiyatları düştü."),
        ("Harga beras naik sepuluh persen.", "hi", "चावल के दाम बढ़े।", "चावल के दाम में गिरावट आई।"),
        ("Harga beras naik sepuluh persen.", "ja", "米の価格は上昇した。", "米の価格は下落した。"),
        ("Harga beras naik sepuluh persen.", "ko", "쌀값이 상승했다.", "쌀값이 하락했다."),
        ("Harga beras turun sepuluh persen.", "de", "Der Reispreis ist gesunken.", "Der Reispreis ist gestiegen."),
        ("Lebih dari 50 orang tewas.", "fr", "Plus de 50 personnes sont mortes.", "Moins de 50 personnes sont mortes."),
        ("Kurang dari 50 orang tewas.", "es", "Murieron menos de 50 personas.", "Murieron más de 50 personas."),
        ("Pengadilan melarang demonstrasi itu.", "pt", "O tribunal proibiu o protesto.", "O tribunal autorizou o protesto."),
        ("Menteri itu divonis bersalah.", "nl", "De minister is veroordeeld.", "De minister is vrijgesproken."),
        ("Menteri itu divonis bebas.", "uk", "Міністра виправдали.", "Міністра засуджено."),
    ],
)
def test_the_opposite_is_told_across_languages(told: str, language: str, true: str, false: str) -> None:
    assert opposite((true, language), [(told, "id")]) is None
    assert opposite((false, language), [(told, "id")])


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("Prices rose after they had fallen for a year.", "Prices fell for a year."),
        ("The city banned scooters.", "Scooters are not allowed there."),
        ("No more than 50 people came.", "At most 50 people came."),
        ("She declined to comment on the increase.", "The minister commented on nothing."),
    ],
)
def test_what_only_sounds_opposite_is_not(told: str, sentence: str) -> None:
    assert opposite((sentence, "en"), [(told, "en")]) is None


def test_each_side_of_an_opposite_has_its_other_in_the_same_languages() -> None:
    for one, other in WORDS["opposites"]["pairs"]:
        assert WORDS[one].keys() == WORDS[other].keys()


@pytest.mark.parametrize(
    ("sentence", "language"),
    [("The bridge may open on Monday.", "en"), ("Мост, возможно, откроют в понедельник.", "ru"), ("桥可能在周一开放。", "zh"),
     ("قد يفتح الجسر يوم الاثنين.", "ar"), ("Köprü pazartesi açılabilir.", "tr"), ("Die Brücke könnte am Montag öffnen.", "de")],
)  # fmt: skip
def test_what_is_certain_is_not_left_open(sentence: str, language: str) -> None:
    assert loosened((sentence, language), [("Jembatan itu akan dibuka pada Senin.", "id")])
    assert not loosened((sentence, language), [("Jembatan itu mungkin dibuka pada Senin.", "id")])
    assert not loosened((sentence, language), [("Daraja litafunguliwa Jumatatu.", "xx")])
    assert not loosened(("It will open on 3 May.", "en"), [("Jembatan itu akan dibuka pada 3 Mei.", "id")])
