"""What the Unicode locale data (CLDR, through Babel) knows of a language: its numbers, units, days, months and places.

Words are as they stand in a text, folded by `fold`, so that a longest match finds them. What CLDR lacks stands in
`words.toml`.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, get_currency_name, get_currency_symbol, get_decimal_symbol
from babel.units import format_unit
from num2words import num2words

from rag.tags import base

WORDS: Mapping[str, Mapping[str, Any]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
"""What no library holds, by kind and language; the file says where it comes from."""
UNITS: Sequence[str] = WORDS["measures"]["units"]
"""CLDR's names of the units that news measures in."""
CURRENCIES: Sequence[str] = WORDS["measures"]["currencies"]
PERCENT = UNITS[0]
_SAMPLES = (1, 2, 3, 5, 11, 100)  # one of each of CLDR's plural categories in every language

PERCENT_BEFORE = {"zh": "百分之", "tr": "yüzde", "ja": "百分の"}
"""Where the word for per cent stands before the number."""
_HOMONYMS = {
    "vi": {"năm"},
    "fr": {"neuf"},
    "tr": {"on", "yüz", "bin"},
    "it": {"sei"},
    "es": {"once"},
    "de": {"acht"},
    "ko": {"이", "일", "사", "오"},
}
"""Words for numbers that more often are other words."""


def fold(text: str) -> str:
    """Text with compatible characters made one, in lower case, for comparing; not for offsets."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class Lexicon:
    """One language's words, each mapping folded words to what they mean."""

    locale: Locale

    @property
    def language(self) -> str:
        """Its two- or three-letter code."""
        return str(self.locale.language)

    @cached_property
    def decimal(self) -> str:
        """What stands before the fraction."""
        return str(get_decimal_symbol(self.locale))

    @cached_property
    def scales(self) -> Mapping[str, int]:
        """Words that multiply the number before them: "juta", "млрд", "万"."""
        found = dict(WORDS["scales"].get(self.language, {}))
        formats = self.locale.compact_decimal_formats
        for kind in ("long", "short"):
            if kind not in formats:
                continue
            for power in range(3, 15):
                for sample in _SAMPLES[:4]:
                    text = format_compact_decimal(sample * 10**power, format_type=kind, locale=self.locale)
                    if shown := regex.fullmatch(r"\P{N}*(\d+)\s*(\P{N}+)", text):
                        word = fold(shown[2]).strip(" .\u200f")
                        # A single letter is a thousand, or a million, or nothing of the kind.
                        if len(word) > 1 or not word.isascii():
                            found.setdefault(word, sample * 10**power // int(shown[1]))
        return found

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Words and signs beside a number: "km", "persen", "$", "долларов США"."""
        found = {"%": PERCENT, "٪": PERCENT, "°c": "temperature-celsius", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
        for unit in UNITS:
            for length in ("long", "short"):
                for sample in _SAMPLES:
                    shown = format_unit(sample, unit, length=length, locale=self.locale)
                    word = fold(regex.sub(r"[\d\u200f]+", "", shown)).strip(" .")
                    if word and word != unit:
                        found.setdefault(word, unit)
        for code in CURRENCIES:
            names = {get_currency_name(code, sample, self.locale) for sample in _SAMPLES}
            found |= dict.fromkeys(map(fold, {*names, get_currency_symbol(code, self.locale), code}), code)
        return {word: unit for word, unit in found.items() if word} | dict(WORDS["units"].get(self.language, {}))

    @cached_property
    def months(self) -> Mapping[str, int]:
        """Names of months as they are written, upper case where CLDR has it: "may" is no month, "May" is."""
        return dict(_names(self.locale.months)) | dict(WORDS["months"].get(self.language, {}))

    @cached_property
    def weekdays(self) -> Mapping[str, int]:
        """Names of weekdays, Monday 0; likewise as written: "Minggu" is Sunday, "minggu" a week."""
        found = dict(_names(self.locale.days, ("wide", "abbreviated") if self.language == "zh" else ("wide",)))
        return found | dict(WORDS["weekdays"].get(self.language, {}))

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Countries, also by their short names, unions, continents, cities that time zones are named after: name -> CLDR's code."""
        zones = ((str(zone["city"]), code) for code, zone in self.locale.time_zones.items() if "city" in zone)
        cities = {code.rpartition("/")[2].replace("_", " "): code for code in _zones()}
        territories = {str(name): code for code, name in self.locale.territories.items() if code != "001"}
        return cities | dict(zones) | territories | dict(WORDS["places"].get(self.language, {}))

    @cached_property
    def numerals(self) -> Mapping[str, int]:
        """Numbers from 2 to 999 in words, without those that are other words too."""
        language = {"ms": "id", "nb": "no"}.get(self.language, self.language)
        cases = ({}, {"case": "genitive"}) if language == "ru" else ({},)
        found: dict[str, int] = {}
        try:
            for options in cases:
                found |= {_spelled(num2words(n, lang=language, **options)): n for n in range(2, 1000)}
        except NotImplementedError:
            found = {}
        found = {word: n for word, n in found.items() if word not in _HOMONYMS.get(self.language, ())}
        return found | dict(WORDS["numerals"].get(self.language, {}))


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language by its tag; English where CLDR does not know it."""
    try:
        return Lexicon(Locale.parse(base(language)))
    except (UnknownLocaleError, ValueError):
        return Lexicon(Locale("en"))


def _names(forms: Mapping[str, Mapping[str, Mapping[int, str]]], widths: Iterable[str] = ("wide",)) -> Iterator[tuple[str, int]]:
    for context in ("format", "stand-alone"):
        for width in widths:
            yield from ((name, number) for number, name in forms[context].get(width, {}).items())


@cache
def _zones() -> tuple[str, ...]:
    """The zones whose city CLDR names in some language."""
    return tuple(code for code, zone in Locale("ru").time_zones.items() if "city" in zone)


def _spelled(words: str) -> str:
    return " ".join(regex.split(r"[-\s\u200c]+", fold(words))).strip()
