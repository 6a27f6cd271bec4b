"""Days and times in a text: dates, months, weekdays, times of day, and "yesterday", in whatever way its language writes them."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import regex

from rag.amounts import Fact, Found, Meaning
from rag.locales import WORDS, Lexicon, fold

_CLOCK = regex.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])[:h٫]([0-5]\d)(?![\d:])(\s*[ap]\.?m\b)?|(?<!\d)(1[0-2]|[1-9])(\s*[ap]\.?m\b)", regex.I
)
_NUMERIC_DATE = regex.compile(
    r"(?<![\d.,/-])(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<a>\d{1,2})(?P<by>[/.])(?P<b>\d{1,2})(?:(?P=by)(?P<last>\d{4}|\d{2}))?)(?![\d/]|[.,]\d)"
)
_CJK_DATE = regex.compile(r"(?:(\d{4})\s*[年년]\s*)?(?<!\d)(\d{1,2})\s*[月월](?!個|个)(?:\s*(\d{1,2})\s*[日号號일])?")


def dates(text: str, words: Lexicon) -> Found:
    """Dates in digits: 14/3/2024, 2024-03-14, 3月14日."""
    for match in _CJK_DATE.finditer(text) if words.language in {"zh", "ja", "ko"} else ():
        if 1 <= int(match[2]) <= 12:
            yield from _date(match, {(int(match[2]), int(match[3] or 0))}, match[1])
    for match in _NUMERIC_DATE.finditer(text):
        if match["year"]:
            pairs = {(int(match["month"]), int(match["day"]))}
        elif not match["last"] and match["by"] == ".":
            continue  # 14.3 is a number, or a time
        else:
            a, b = int(match["a"]), int(match["b"])
            # Only Americans put the month first; they write English.
            pairs = {(b, a), (a, b)} if words.language == "en" else {(b, a)}
        pairs = {(month, day) for month, day in pairs if 1 <= month <= 12 and 1 <= day <= 31}
        if pairs:
            yield from _date(match, pairs, match["year"] or match["last"])


def _date(match: "regex.Match[str]", pairs: set[tuple[int, int]], year: str | None) -> Found:
    meanings: set[Meaning] = {("day", month, day) if day else ("month", month) for month, day in pairs}
    yield match.span(), Fact(match[0].strip(), frozenset(meanings))
    if year:
        value = int(year) + (2000 if len(year) == 2 else 0)
        yield match.span(), Fact(year, frozenset({("number", Decimal(value).normalize())}))


def months(text: str, words: Lexicon) -> Found:
    """Months by name, with the day beside them if there is one."""
    for name, month in sorted(words.months.items(), key=lambda item: -len(item[0])):
        for match in _named(name).finditer(text):
            before = regex.search(
                r"(?<!\d)(\d{1,2})\.?(?:st|nd|rd|th|º|er|-?\p{Cyrillic}{1,2})?(?: de| of|,)?\s*$", text[: match.start()]
            )
            after = regex.match(r"\.?,?\s*(\d{1,2})(?:st|nd|rd|th)?(?![\d:.])", text[match.end() :])
            start, end, day = match.start(), match.end(), 0
            if before and 1 <= int(before[1]) <= 31:
                start, day = before.start(1), int(before[1])
            elif after and 1 <= int(after[1]) <= 31:
                end, day = match.end() + after.end(1), int(after[1])
            meaning: Meaning = ("day", month, day) if day else ("month", month)
            yield (start, end), Fact(text[start:end], frozenset({meaning}))
            text = text[:start] + "\ufffc" * (end - start) + text[end:]


def weekdays(text: str, words: Lexicon) -> Found:
    """Weekdays by name."""
    for name, day in sorted(words.weekdays.items(), key=lambda item: -len(item[0])):
        for match in _named(name).finditer(text):
            if fold(match[0]) not in _NO_WEEKDAYS:
                yield match.span(), Fact(match[0], frozenset({("weekday", day)}))
                text = text[: match.start()] + "\ufffc" * len(match[0]) + text[match.end() :]


_NO_WEEKDAYS = frozenset({"среди", "средне", "среднее", "серед", "середи"})
"""What an inflected weekday could be taken for."""


@cache
def _named(name: str) -> regex.Pattern[str]:
    """A month's or weekday's name; capital where it has one, and with a Slavic ending."""
    if regex.search(r"[\p{Han}\p{Thai}\p{Hangul}\p{Hiragana}]", name):
        return regex.compile(r"(?<!\d)" + regex.escape(name))
    slavic = regex.search(r"\p{Cyrillic}", name)
    stem = regex.escape(name[:-1] if slavic and len(name) > 4 else name)
    first = stem
    if name[0].islower():  # "Марта" is a woman, but where a sentence begins
        first = rf"(?:{name[0]}|(?<=(?:^|[.!?:;«“\"\n])\s*){name[0].upper()}){stem[1:]}"
    elif " " in name:
        first = f"[{name[0]}{name[0].lower()}]{stem[1:]}"
    ending = r"\p{L}{0,2}" if slavic and len(name) > 3 else ""
    prefix = "[وبلف]?(?:ال)?" if regex.match(r"\p{Arabic}", name) else ""
    return regex.compile(rf"(?<![\p{{L}}\p{{M}}]){prefix}{first}{ending}(?![\p{{L}}\p{{M}}\d])")


def clocks(text: str, _words: Lexicon) -> Found:
    """Times of day: 14:30, 14h30, 2:30 p.m., 2 p.m."""
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or 0)
        half = fold(match[3] or match[5] or "").strip()
        if half:
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        meanings: set[Meaning] = {("clock", hour, minute)} | ({("number", Decimal(hour).normalize())} if not minute else set())
        yield match.span(), Fact(match[0].strip(), frozenset(meanings))


_RELATIVE = {
    (key.split()[0], int(key.split()[1])): regex.compile(
        rf"(?<![\p{{Latin}}\p{{Cyrillic}}\p{{Arabic}}])(?:{words})(?![\p{{Latin}}\p{{Cyrillic}}\p{{Arabic}}])", regex.I
    )
    for key, words in WORDS["relative"].items()
}


def relative(text: str, _words: Lexicon) -> Found:
    """Yesterday, next week."""
    for (unit, by), pattern in _RELATIVE.items():
        for match in pattern.finditer(text):
            yield match.span(), Fact(match[0], frozenset({("relative", unit, by)}))


def day(iso: str) -> date | None:
    """The day of an ISO date or time, or None; nor is it one in the first or last year there is."""
    try:
        found = date.fromisoformat(iso[:10])
    except ValueError:
        return None
    return found if date.min.year < found.year < date.max.year else None


def resolved(day: date, meanings: set[Meaning]) -> set[Meaning]:
    """What a document of that day also says: its weekdays as dates, its dates as weekdays, and "next year" in numbers."""
    week = [day + timedelta(days=n) for n in range(-7, 8)]
    found: set[Meaning] = {("number", Decimal(day.year).normalize()), ("day", day.month, day.day)}
    for near in week:
        known = ("weekday", near.weekday()) in meanings or ("day", near.month, near.day) in meanings
        if known or ("relative", "day", (near - day).days) in meanings:
            found |= {("day", near.month, near.day), ("weekday", near.weekday())}
            if abs((near - day).days) <= 1:
                found.add(("relative", "day", (near - day).days))
    for by in (-1, 1):
        year: Meaning = ("number", Decimal(day.year + by).normalize())
        relative: Meaning = ("relative", "year", by)
        if year in meanings or relative in meanings:
            found |= {year, relative}
    return found
