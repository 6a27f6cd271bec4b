"""Names in a text, and whether they stand in another one, which may be in another script.

"Geneva", "Jenewa", "Женева" and "جنيف" are told to be one by the sounds of their consonants; "Switzerland" and "Швейцария" by
CLDR. What a script without capitals calls by name is found only where CLDR knows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

import regex
from anyascii import anyascii
from rapidfuzz import fuzz

from rag.locales import WORDS, fold, lexicon
from rag.tags import base

_CODES = "ar fa he ur hi bn ta te th zh ja ko my km lo ka am ne mr gu pa kn ml si"
UNCASED = frozenset(_CODES.split())
"""Languages whose scripts know no capital letters."""
_UNSPACED = frozenset({"zh", "ja", "th", "km", "lo", "my"})
ALIKE = 80.0
"""Of 100, how much two skeletons must share: one consonant in five may differ."""

# Consonants that languages swap when they borrow a name, by place of articulation; vowels and h go.
_SOUNDS = (
    (r"tsch|tch|dsch|dzh|zh|sh|sch|ch|dj|dz|ts|tz|x", "S"),
    (r"ph|[bpfvw]", "F"),
    (r"th|[dt]", "T"),
    (r"kh|gh|ck|[ckqg]", "K"),
    (r"[szj]", "S"),
    (r"[lr]", "L"),
    (r"ng|[nm]", "N"),
)
_VOWELS = regex.compile(r"[aeiouyh'`’\W\d_]+")
_SUFFIX = regex.compile(r"['’]\p{Ll}+$")
"""Turkish sets case endings behind a name's apostrophe: "Moskova'da"."""
_WORD = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}\p{N}'’\-]*")


@dataclass(frozen=True)
class Name:
    """A word of a name and where it stands; `sure` where nothing but a name is written so, `place` where CLDR knows it."""

    text: str
    start: int
    end: int
    sure: bool
    place: str = ""


@lru_cache(maxsize=512)
def names(text: str, language: str) -> tuple[Name, ...]:
    """Words with a capital, and places that CLDR knows, in order.

    The first word of a sentence is not sure to be a name unless a second capital follows, nor is a German noun, nor a word that
    names of offices, bodies and places are made of: "Foreign Minister" may be there as "menteri luar negeri".
    """
    found = [Name(m[0], m.start(), m.end(), sure=True, place=code) for m, code in places(text, language)]
    if base(language) in UNCASED:
        return tuple(found)
    words = list(_WORD.finditer(text))
    for n, match in enumerate(words):
        word = _SUFFIX.sub("", match[0]) if base(language) == "tr" else regex.sub(r"['’]s$", "", match[0])
        if not word[0].isupper() or len(word) < 2 or any(f.start <= match.start() < f.end for f in found):
            continue
        first = not regex.search(r"[\p{L}\p{N}][^.!?:\"“”«»]*$", text[: match.start()])
        followed = n + 1 < len(words) and words[n + 1][0][0].isupper() and text[match.end() : words[n + 1].start()] == " "
        german = base(language) == "de" and not word.isupper()
        opening = first and not (followed and len(word) > 3)  # "The", "Di" and "По" are no names
        found.append(
            Name(
                word,
                match.start(),
                match.start() + len(word),
                sure=not german and not opening and not _title(base(language)).fullmatch(word),
            )
        )
    return tuple(sorted(found, key=lambda name: name.start))


@lru_cache(maxsize=512)
def places(text: str, language: str) -> "tuple[tuple[regex.Match[str], str], ...]":
    """The countries, continents and cities that CLDR knows, where they stand, with their code."""
    pattern, codes = _pattern(base(language))
    return tuple((match, codes[match.lastindex - 1]) for match in pattern.finditer(text) if match.lastindex)


@lru_cache(maxsize=512)
def directions(text: str, language: str) -> frozenset[str]:
    """The points of the compass in names of places that CLDR does not know: "Jawa Barat" is in the west."""
    for match, _ in places(text, language):
        text = text[: match.start()] + "." * len(match[0]) + text[match.end() :]
    return frozenset(point for point, pattern in _directions(base(language)).items() if pattern.search(text))


def comparable(languages: Iterable[str]) -> frozenset[str]:
    """The points of the compass that are known in every one of the languages."""
    return frozenset.intersection(*(frozenset(_directions(base(language))) for language in languages))


class Names:
    """What some texts offer to the names of a statement."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        """Texts come with their languages."""
        self._texts = [(fold(text), base(language)) for text, language in texts]
        self._codes = {code for text, language in texts for _, code in places(text, language)}
        self._sounds = frozenset(
            s for text, language in texts if base(language) not in _UNSPACED for s in _sounds(text, base(language))
        )
        self._runs = [s for text, language in texts if base(language) in _UNSPACED for s in sounds(text)]

    def hold(self, name: Name) -> bool:
        """Whether the name stands there, as it is, by CLDR, or as its consonants sound."""
        if name.place in self._codes or any(fold(name.text) in text for text, _ in self._texts):
            return True
        skeletons = [s for s in sounds(name.text) if len(s) > 1]
        long = [s for s in skeletons if len(s) > 3]
        return any(_alike(s, other) for s in skeletons for other in self._sounds) or any(
            fuzz.partial_ratio(s, run) >= ALIKE for s in long for run in self._runs
        )


def find(name: Name, text: str, language: str) -> int:
    """Where a name stands in a text, or -1."""
    for match, code in places(text, language):
        if code == name.place:
            return int(match.start())
    language = base(language)
    if language in _UNSPACED:
        return fold(text).find(fold(name.text))
    words = list(_WORD.finditer(text))
    skeletons = {s for s in sounds(name.text) if len(s) > 2}
    same = [m for m in words if fold(m[0]) == fold(name.text)]  # "Persib" sounds like "Persija", where both are named
    alike = (
        m
        for m in words
        if language in UNCASED or m[0][0].isupper()
        if any(_alike(a, b) for a in skeletons for b in _word_sounds(m[0]))
    )
    return next((match.start() for match in (*same, *alike)), -1)


def sounds(word: str) -> frozenset[str]:
    """The consonants of a word in any script, each standing for those that it is swapped with.

    Two ways where a letter has two: c and g before e and i, and kh, which is often h.
    """
    text = anyascii(word).lower()
    soft = regex.sub(r"[cg](?=[eiy])", "s", regex.sub(r"kh", "", text))
    return frozenset(map(_skeleton, (text, soft)))


def _skeleton(text: str) -> str:
    for pattern, letter in _SOUNDS:
        text = regex.sub(pattern, letter, text)
    text = _VOWELS.sub("", text)
    return "".join(letter for letter, _ in groupby(text))


def _alike(a: str, b: str) -> bool:
    if min(len(a), len(b)) < 3:
        return a == b
    return fuzz.ratio(a, b) >= ALIKE or (min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a)))


@lru_cache(maxsize=512)
def _sounds(text: str, language: str) -> frozenset[str]:
    """The skeletons of what may be a name in a text: its capitalised words, or all words where there are no capitals."""
    words = [m[0] for m in _WORD.finditer(text) if language in UNCASED or m[0][0].isupper()]
    return frozenset(skeleton for word in words for skeleton in _word_sounds(word))


@lru_cache(maxsize=8192)
def _word_sounds(word: str) -> frozenset[str]:
    """Its skeletons, also without the "and", "in", "for" or article that an Arabic word carries in front."""
    return sounds(word) | sounds(regex.sub(r"^[وفبلك]?(?:ال)?(?=\p{Arabic}{3})", "", word))


@cache
def _title(language: str) -> "regex.Pattern[str]":
    return regex.compile(WORDS["titles"].get(language, "(?!)"))


@cache
def _directions(language: str) -> "dict[str, regex.Pattern[str]]":
    words = WORDS["directions"].get({"ms": "id"}.get(language, language), {})
    apart = "%s" if language in {*_UNSPACED, "ko"} else r"(?<![\p{L}\p{M}])(?:%s)(?![\p{L}\p{M}])"
    return {point: regex.compile(apart % pattern) for point, pattern in words.items()}


@cache
def _pattern(language: str) -> "tuple[regex.Pattern[str], tuple[str, ...]]":
    """What finds the names of places, and for each of its groups the code of what that finds."""
    known = sorted(lexicon(language).places.items(), key=lambda place: (-len(place[0]), len(place[1])))
    cases = WORDS["cases"].get(language)
    words = "|".join(
        f"({' '.join(_cased(w, cases) for w in name.split(' ')) if cases else regex.escape(name)})" for name, _ in known
    )
    if language in _UNSPACED:  # "リマ", Lima, is no part of "カリマンタン"
        apart = r"(?<![\p{Katakana}ー](?=\p{Katakana}))(?:%s)(?!(?<=[\p{Katakana}ー])[\p{Katakana}ー])"
    else:
        apart = r"(?<![\p{L}\p{M}])" + (r"[وفبلك]?" if language in {"ar", "fa"} else "") + r"(?:%s)(?![\p{L}\p{M}])"
    return regex.compile(apart % words), tuple(code for _, code in known)


def _cased(word: str, cases: Mapping[str, str]) -> str:
    """A pattern for a word of a name in any case."""
    stem = str(regex.sub(f"(?:{cases['cut']})$", "", word)) if cases["cut"] else word
    optional = "?" if stem == word else ""
    # "Конго" and "Чили" have one form for all cases, and "Самой" is not of "Самоа".
    fixed = cases["cut"] and (word[-1] in "оеиуёэыeiuy" or word.endswith(("оа", "oa")) or len(stem) < 3)
    return str(regex.escape(word if fixed else stem)) + ("" if fixed else f"(?:{cases['endings']}){optional}")
