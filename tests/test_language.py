import pytest

from rag.language import detect_language, may_be_in
from rag.messages import DECLINING_LANGUAGES, declined


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Which cities did the minister visit before Geneva?"),
        ("id", "Mengapa pertemuan itu tidak menghasilkan terobosan apa pun?"),
        ("ru", "Кто попросил о встрече?"),
        ("uk", "Чи захищатимуть американські війська Україну?"),
        ("ar", "من طلب الاجتماع؟"),
        ("fa", "چه کسی درخواست ملاقات کرد؟"),
        ("zh", "美国军队会保卫乌克兰吗？"),
        ("ja", "会談を求めたのは誰ですか？"),
        ("hi", "बैठक का अनुरोध किसने किया?"),
        ("vi", "Ai đã yêu cầu cuộc gặp?"),
    ],
)
def test_a_question_is_recognised(language: str, text: str) -> None:
    assert detect_language(text) == language


def test_what_is_too_little_to_tell_takes_the_language_it_is_given() -> None:
    assert detect_language("2022?") == "en"
    assert detect_language("NATO?", otherwise="id") == "id"


def test_declining_is_written_in_the_languages_promised_and_recognised_as_such() -> None:
    promised = {"en", "id", "ru", "uk", "ar", "zh", "es", "de", "fr", "tr", "ja", "hi", "fa", "vi", "ko", "pl", "pt", "ms"}
    assert promised <= DECLINING_LANGUAGES
    recognised = {language for language in promised if detect_language(declined(language)) == language}
    assert promised - recognised <= {"ms", "id"}  # each is now and then taken for the other


def test_declining_in_a_language_not_written_is_in_english() -> None:
    assert declined("xx") == declined("en")
    assert declined("pt-BR") == declined("pt")


def test_a_sentence_may_be_in_its_language_and_in_no_other() -> None:
    english, indonesian = "The troops will not be deployed to Ukraine.", "Pasukan itu tidak akan dikerahkan ke Ukraina."
    assert may_be_in(english, "en-GB")
    assert may_be_in(indonesian, "id")
    assert not may_be_in(english, "id")
    assert not may_be_in(indonesian, "en")
    assert may_be_in("40", "id")
    assert may_be_in(english, "tlh")
