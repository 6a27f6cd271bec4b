import pytest

from rag.keywords import Keywords, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Harga BERAS naik 10%", ["harga", "beras", "naik", "10"], id="words in lower case, without their marks"),
        pytest.param("Лаврову Лаврова", ["лавро", "лавро"], id="forms of a word are one"),
        pytest.param(
            "ウクライナ ２０２２年", ["ウク", "クラ", "ライ", "イナ", "2022", "年"], id="pairs where words have no spaces"
        ),
        pytest.param("ラーメン", ["ラー", "ーメ", "メン"], id="a long vowel belongs to its word"),
        pytest.param("우크라이나에", ["우크", "크라", "라이", "이나", "나에"], id="Korean endings do not hide a word"),
        pytest.param("ทหาร", ["ทห", "หา", "าร"], id="Thai"),
        pytest.param("हिन्दी", ["हिन्द"], id="vowel signs belong to their word"),
        pytest.param("?! --", [], id="no words"),
    ],
)
def test_tokens_know_no_language(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    shares = Keywords(["harga minyak naik", "beras", "harga gula naik"]).shares("harga beras")
    assert shares[1] > shares[0] == shares[2] > 0


def test_a_question_of_which_little_is_found_has_low_shares() -> None:
    keywords = Keywords(["Blinken bertemu Lavrov di Jenewa", "Harga beras naik"])
    same, other = keywords.shares("Blinken bertemu Lavrov"), keywords.shares("Why did Blinken meet Lavrov?")
    assert 1 >= same[0] > other[0] > 0
    assert other[1] == 0


@pytest.mark.parametrize("texts", [[], ["..."], ["", "?"]])
def test_texts_without_words_hold_nothing(texts: list[str]) -> None:
    assert Keywords(texts).shares("beras").tolist() == [0.0] * len(texts)


def test_a_question_without_words_of_the_texts_is_found_nowhere() -> None:
    assert Keywords(["harga beras"]).shares("zzz").tolist() == [0.0]
