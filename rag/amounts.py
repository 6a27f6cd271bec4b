"""Amounts in a text, in whatever way its language writes them: digits of any script or words, with their scale and unit."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import regex

from rag.locales import PERCENT, PERCENT_BEFORE, Lexicon, fold

Meaning = tuple[object, ...]
"""("number", value), ("month", 3), ("day", 3, 14), ("weekday", 4), ("clock", 14, 30) or ("relative", "day", -1)."""


@dataclass(frozen=True)
class Fact:
    """Words that say a quantity or a time: any one of the meanings may be meant; units are CLDR's, none where none is written."""

    text: str
    meanings: frozenset[Meaning]
    units: frozenset[str] = frozenset()
    firm: bool = True
    """Whether a statement that says it needs it in the evidence: "a million" is often no number, "the two" may be named there."""


Found = Iterator[tuple[tuple[int, int], Fact]]

_DIGITS = regex.compile(r"\d+(?:(?:[.,٫٬'’]|(?<=\d)[\u00a0\u202f\u2009 ](?=\d{3}(?!\d)))\d+)*")
_CJK_NUMERAL = regex.compile(r"[〇零一二两兩三四五六七八九十百千]+")
_CJK_DIGITS = {c: n for n, both in enumerate(("〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九")) for c in both}
_CJK_TENS = {"十": 10, "百": 100, "千": 1000}
_COUNTED = frozenset(
    "名人个個位年月日天次家所座艘辆輛岁歳枚台週周小时時票元万億亿条項项支国國倍成点點封份张張件部本套层層栋棟隻只頭头匹吨噸米秒分桶箱届屆轮輪起场場组組队隊对對"
)
"""What follows a single Chinese numeral that does count."""


def numbers(text: str, words: Lexicon) -> Found:
    """Digits of any script with the scale and unit beside them."""
    matches = list(_DIGITS.finditer(text))
    skip = -1
    for match in matches:
        if match.start() < skip:
            continue
        values = _values(match[0], words)
        end, scale = _scaled(text, match.end(), words)
        total = {value * scale for value in values}
        if words.language in {"zh", "ja", "ko"}:
            end, parts = _lower(text, end, scale, words, _DIGITS)
            for part, smaller in parts:
                total = {t + v * smaller for t in total for v in _values(part, words)}
        skip = end
        meanings: set[Meaning] = {("number", value.normalize()) for value in total}
        if scale == 1 and (clock := regex.fullmatch(r"([01]?\d|2[0-3])\.([0-5]\d)", match[0])):
            meanings.add(("clock", int(clock[1]), int(clock[2])))
        units = _units(text, match.start(), end, words)
        yield (match.start(), end), Fact(text[match.start() : end].strip(), frozenset(meanings), units)


def numerals(text: str, words: Lexicon) -> Found:
    """Numbers in words: "dua ratus ribu", "twenty-three", "三百"."""
    at = 0
    if words.language in {"zh", "ja"}:
        for match in _CJK_NUMERAL.finditer(text):
            if match.start() < at:
                continue
            end, scale = _scaled(text, match.end(), words)
            at, parts = _lower(text, end, scale, words, _CJK_NUMERAL)
            value, end = _cjk(match[0]) * scale + sum(_cjk(part) * smaller for part, smaller in parts), at
            counted = len(match[0]) > 1 or scale > 1 or text[end : end + 1] in _COUNTED
            if value > 1 and counted:
                yield (match.start(), end), _spelled(text, match.start(), end, value, words)
        return
    tokens = [(m.start(), m.end(), fold(m[0])) for m in regex.finditer(r"(?<![\d\ufffc])[\p{L}\p{M}'’]+", text)]
    while at < len(tokens):
        for size in range(min(7, len(tokens) - at), 0, -1):
            run = tokens[at : at + size]
            value = words.numerals.get(" ".join(token for _, _, token in run), 0)
            if value and not text[run[0][0] : run[-1][1]].count(","):
                end, scale = _scaled(text, run[-1][1], words)
                start = run[0][0]
                yield (start, end), _spelled(text, start, end, value * scale, words)
                while at < len(tokens) and tokens[at][0] < end:
                    at += 1
                break
        else:
            at += 1


def _spelled(text: str, start: int, end: int, value: int, words: Lexicon) -> Fact:
    units = _units(text, start, end, words)
    return Fact(text[start:end], frozenset({("number", Decimal(value).normalize())}), units, firm=value != 2 or bool(units))


def bare(text: str, words: Lexicon) -> Found:
    """A scale without a number before it ("a million", "sejuta") may stand for one of it."""
    for word, scale in words.scales.items():
        if len(word) > 3 and scale >= 1000 and (match := _after(word).search(fold(text))):
            yield match.span(), Fact(match[0], frozenset({("number", Decimal(scale).normalize())}), firm=False)


def _scaled(text: str, end: int, words: Lexicon) -> tuple[int, int]:
    """Where a number with the scale words behind it ends, and what they multiply it by ("mil millones": twice)."""
    total = 1
    while found := _longest(text, end, words.scales):
        total, end = total * words.scales[found[1]], found[0]
    return end, total


def _lower(text: str, end: int, scale: int, words: Lexicon, pattern: "regex.Pattern[str]") -> tuple[int, list[tuple[str, int]]]:
    """The parts of a number that goes on behind a scale word, each with a smaller one, and where it ends: 3亿2000万, 四万八千."""
    parts = []
    while scale >= 10**4 and (more := pattern.match(text, end)):
        after, smaller = _scaled(text, more.end(), words)
        if smaller >= scale:
            break
        parts.append((more[0], smaller))
        end, scale = after, smaller
    return end, parts


def _units(text: str, start: int, end: int, words: Lexicon) -> frozenset[str]:
    """The unit behind a number, or the currency or per cent before it."""
    found = set()
    if after := _longest(text, end, words.units):
        found.add(words.units[after[1]])
    before = fold(text[max(0, start - 24) : start]).rstrip()
    for word in sorted(words.units, key=len, reverse=True):
        unit = words.units[word]
        prefix = unit == PERCENT or unit.isupper()
        if prefix and before.endswith(word) and not regex.search(r"\p{L}$", before[: -len(word)] if word[0].isalpha() else ""):
            found.add(unit)
            break
    sign = PERCENT_BEFORE.get(words.language)
    if sign and before.endswith(sign):
        found = {PERCENT}
    return frozenset(found)


@cache
def _after(word: str) -> regex.Pattern[str]:
    """The word behind a number; where words are long and written apart, with another ending."""
    if not regex.fullmatch(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}\s./]+", word):
        return regex.compile(regex.escape(word) + (r"(?!\p{L})" if word.isascii() and word[-1].isalpha() else ""))
    stem, ending = (word[:-1], r"\p{L}{0,4}") if len(word) > 4 and " " not in word else (word, "")
    return regex.compile(rf"(?<!\p{{L}}){regex.escape(stem)}{ending}(?!\p{{L}})")


def _longest(text: str, end: int, words: Mapping[str, object]) -> tuple[int, str] | None:
    """Where the longest of the words that follow ends, and that word; an exact one before one of another ending."""
    gap = regex.compile(r"[\s\u00a0\u202f-]{0,2}(?:d[eiou]\s)?").match(text, end)
    begin = gap.end() if gap else end
    ahead = text[begin : begin + 40].lower()
    found = [(ahead.startswith(word), len(word), match.end(), word) for word in words if (match := _after(word).match(ahead))]
    best = max(found, default=None)
    return (begin + best[2], best[3]) if best else None


def _values(token: str, words: Lexicon) -> set[Decimal]:
    """What digits with separators mean: what they mean in this language, else what they can only mean."""
    token = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in token)
    token = regex.sub(r"[\u00a0\u202f\u2009 '’٬]", "", token).replace("٫", "." if words.decimal == "." else ",")
    signs = [c for c in token if not c.isdigit()]
    if not signs:
        return {Decimal(token)}
    last = signs[-1]
    whole, _, fraction = token.rpartition(last)
    grouped = len(fraction) == 3 and all(len(part) in {2, 3} for part in regex.split(r"[.,]", whole)[1:])
    if len(set(signs)) == 2:
        return {Decimal(regex.sub(r"[.,]", "", whole) + "." + fraction)}
    if len(signs) > 1:  # 1.234.567, or a list of numbers
        return {Decimal(token.replace(last, ""))} if grouped else {Decimal(part) for part in token.split(last) if part}
    if last != words.decimal and grouped and len(whole) <= 3 and not whole.startswith("0"):
        return {Decimal(whole + fraction)}
    return {Decimal(f"{whole}.{fraction}")}


def _cjk(numeral: str) -> int:
    total = digit = 0
    if not any(c in _CJK_TENS for c in numeral):
        return int("".join(str(_CJK_DIGITS[c]) for c in numeral))
    for c in numeral:
        if c in _CJK_TENS:
            total, digit = total + (digit or 1) * _CJK_TENS[c], 0
        else:
            digit = _CJK_DIGITS[c]
    return total + digit
