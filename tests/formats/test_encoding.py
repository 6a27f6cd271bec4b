import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.formats.article import Unreadable
from rag.formats.encoding import decode


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_utf_8_comes_through_code_point_for_code_point(text: str) -> None:
    assert decode(text.encode()) == text
    assert decode(text.encode("utf-8-sig")) == text


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_reason(raw: bytes) -> None:
    try:
        decode(raw).encode("utf-8", "surrogatepass")
    except Unreadable as error:
        assert str(error).startswith("is not ")  # noqa: PT017  (either is right)


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("cp1252", "Le président a été élu à Genève, et les députés ont fêté l’événement."),
        ("cp1250", "Prezydent został wybrany w Krakowie, a posłowie święcili to zdarzenie."),
        ("cp1251", "Правительство объявило о новых мерах поддержки."),
        ("koi8-r", "Правительство объявило о новых мерах поддержки."),
        ("cp1256", "افتتحت المدينة جسرا جديدا يوم الاثنين في حضور العمدة."),
        ("shift_jis", "東京の政府は月曜日に新しい支援策を発表しました。"),
        ("gb18030", "政府星期一宣布了新的支持措施，以帮助受洪水影响的居民。"),
        ("big5", "政府星期一宣布了新的支持措施，以幫助受洪水影響的居民。"),
        ("euc-kr", "정부는 월요일에 새로운 지원 대책을 발표했다."),
        ("utf-16-le", "Harga beras naik sepuluh persen."),
        ("utf-16-be", "Harga beras naik sepuluh persen."),
    ],
)
def test_encodings_that_news_was_kept_in_are_told_apart(encoding: str, sentence: str) -> None:
    text = f"{sentence}\n" * 6
    assert decode(text.encode(encoding)) == text
