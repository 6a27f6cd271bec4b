"""The few sentences this product says itself, in many languages."""

from rag.tags import base

_DECLINED = {
    "ar": "لا تذكر المقالات ذلك.",
    "bg": "Статиите не съдържат отговор на това.",
    "bn": "নিবন্ধগুলিতে এর উত্তর নেই।",
    "cs": "V článcích to není uvedeno.",
    "da": "Det fremgår ikke af artiklerne.",
    "de": "Das steht nicht in den Artikeln.",
    "el": "Τα άρθρα δεν το αναφέρουν.",
    "en": "The articles do not say.",
    "es": "Los artículos no lo dicen.",
    "fa": "مقاله‌ها در این باره چیزی نمی‌گویند.",
    "fi": "Artikkeleissa ei kerrota tätä.",
    "fr": "Les articles ne le disent pas.",
    "he": "המאמרים אינם מציינים זאת.",
    "hi": "लेखों में यह नहीं बताया गया है।",
    "hu": "A cikkek ezt nem írják.",
    "id": "Artikel-artikel ini tidak menyebutkannya.",
    "it": "Gli articoli non lo dicono.",
    "ja": "記事には書かれていません。",
    "ko": "기사에는 나와 있지 않습니다.",
    "ms": "Artikel-artikel ini tidak menyatakannya.",
    "nl": "Dat staat niet in de artikelen.",
    "no": "Det står ikke i artiklene.",
    "pl": "Artykuły o tym nie mówią.",
    "pt": "Os artigos não dizem isso.",
    "ro": "Articolele nu spun acest lucru.",
    "ru": "В статьях об этом не говорится.",
    "sv": "Det framgår inte av artiklarna.",
    "sw": "Makala hazisemi hivyo.",
    "th": "บทความไม่ได้กล่าวถึงเรื่องนี้",
    "tr": "Makaleler bunu söylemiyor.",
    "uk": "У статтях про це не йдеться.",
    "ur": "مضامین میں یہ نہیں بتایا گیا۔",
    "vi": "Các bài báo không nói về điều này.",
    "zh": "文章中没有提到这一点。",
}
DECLINING_LANGUAGES = frozenset(_DECLINED)


def declined(language: str) -> str:
    """That the documents do not say, in a language; English where we have not written it in that one."""
    return _DECLINED.get(base(language), _DECLINED["en"])
