"""What the Unicode locale data (CLDR, through Babel) knows of a language: its numbers, units, days, months and places.

Words are as they stand in a text, folded by `fold`, so that a longest match finds them. What CLDR lacks is added by hand
here, table by table; nothing else in the product holds words of single languages for numbers.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, get_currency_name, get_currency_symbol, get_decimal_symbol, get_group_symbol
from babel.units import format_unit
from num2words import num2words

UNITS = [
    "concentr-percent",
    "length-kilometer",
    "length-meter",
    "length-centimeter",
    "length-millimeter",
    "length-mile",
    "length-foot",
    "area-hectare",
    "area-square-kilometer",
    "area-square-meter",
    "mass-tonne",
    "mass-kilogram",
    "mass-gram",
    "volume-liter",
    "volume-cubic-meter",
    "volume-barrel",
    "temperature-celsius",
    "temperature-fahrenheit",
    "speed-kilometer-per-hour",
    "energy-kilowatt-hour",
    "power-kilowatt",
    "power-megawatt",
    "power-gigawatt",
    "duration-second",
    "duration-minute",
    "duration-hour",
    "duration-day",
    "duration-week",
    "duration-month",
    "duration-year",
    "duration-decade",
    "duration-century",
]
"""CLDR's names of the units that news measures in."""
CURRENCIES = [
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CNY",
    "IDR",
    "MYR",
    "SGD",
    "AUD",
    "CAD",
    "INR",
    "RUB",
    "UAH",
    "TRY",
    "SAR",
    "AED",
    "EGP",
    "IRR",
    "PKR",
    "BDT",
    "KRW",
    "THB",
    "VND",
    "PHP",
    "CHF",
    "BRL",
    "MXN",
    "ZAR",
]
PERCENT = UNITS[0]
_SAMPLES = (1, 2, 3, 5, 11, 100)  # one of each of CLDR's plural categories in every language

# CLDR gives one way of writing each; these are the others that newspapers use.
_MORE_SCALES = {
    "en": {"hundred": 100, "dozen": 12, "mn": 10**6, "bn": 10**9, "tn": 10**12},
    "id": {"milyar": 10**9, "milyard": 10**9, "jt": 10**6},
    "ms": {"ratus": 100, "ribu": 10**3, "juta": 10**6, "bilion": 10**9, "trilion": 10**12},
    "ar": {"تريليون": 10**12, "ترليون": 10**12, "بليون": 10**9, "مليارات": 10**9, "مئة": 100, "آلاف": 10**3},
    "es": {"mil": 10**3, "cien": 100, "billones": 10**12, "billón": 10**12},
    "pt": {"mil": 10**3, "bilhões": 10**9, "mil milhões": 10**9},
    "zh": {"千": 10**3, "百万": 10**6, "千万": 10**7, "万亿": 10**12, "兆": 10**12, "億": 10**8, "萬": 10**4, "萬億": 10**12},
    "ja": {"千": 10**3, "百万": 10**6},
    "hi": {"सौ": 100},
    "fa": {"تریلیون": 10**12, "بیلیون": 10**12},
}
_MORE_UNITS = {
    "en": {"per cent": PERCENT, "pct": PERCENT, "percentage": PERCENT, "kilometres": "length-kilometer", "kilometre": "length-kilometer",
           "metres": "length-meter", "metre": "length-meter", "tons": "mass-tonne", "litres": "volume-liter", "dollar": "USD", "dollars": "USD",
           "degrees": "temperature-celsius"},
    "id": {"dolar as": "USD", "dolar": "USD", "rp": "IDR", "rupiah": "IDR", "pekan": "duration-week", "derajat": "temperature-celsius",
           "euro": "EUR", "yen": "JPY", "poundsterling": "GBP", "ton": "mass-tonne", "prosen": PERCENT},
    "ms": {"peratus": PERCENT, "ringgit": "MYR"},
    "ru": {"доллар": "USD", "рублей": "RUB", "рубля": "RUB", "рубль": "RUB", "руб": "RUB", "евро": "EUR", "юаней": "CNY", "рупий": "IDR",
           "градусов": "temperature-celsius", "лет": "duration-year", "тонн": "mass-tonne"},
    "uk": {"долар": "USD", "гривень": "UAH", "євро": "EUR", "років": "duration-year"},
    "ar": {"في المئة": PERCENT, "بالمئة": PERCENT, "في المائة": PERCENT, "دولار": "USD", "يورو": "EUR", "روبية": "IDR", "طن": "mass-tonne",
           "درجة": "temperature-celsius", "عاما": "duration-year", "عامًا": "duration-year", "أعوام": "duration-year"},
    "fa": {"دلار": "USD", "یورو": "EUR"},
    "tr": {"dolar": "USD", "avro": "EUR", "lira": "TRY"},
    "de": {"dollar": "USD", "euro": "EUR", "grad": "temperature-celsius"},
    "es": {"dólares": "USD", "euros": "EUR", "por ciento": PERCENT, "grados": "temperature-celsius"},
    "fr": {"dollars": "USD", "euros": "EUR", "pour cent": PERCENT, "ans": "duration-year", "degrés": "temperature-celsius"},
    "zh": {"美元": "USD", "公斤": "mass-kilogram", "欧元": "EUR", "印尼盾": "IDR", "吨": "mass-tonne", "天": "duration-day", "周": "duration-week", "岁": "duration-year",
           "个月": "duration-month", "小时": "duration-hour", "分钟": "duration-minute", "摄氏度": "temperature-celsius", "米": "length-meter"},
    "ja": {"ドル": "USD", "ユーロ": "EUR", "トン": "mass-tonne", "歳": "duration-year", "か月": "duration-month", "カ月": "duration-month"},
}  # fmt: skip
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


def base(language: str) -> str:
    """The language of a BCP 47 tag without its region or script."""
    return language.replace("_", "-").split("-")[0].lower()


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
    def group(self) -> str:
        """What stands between thousands."""
        return str(get_group_symbol(self.locale))

    @cached_property
    def scales(self) -> Mapping[str, int]:
        """Words that multiply the number before them: "juta", "млрд", "万"."""
        found = dict(_MORE_SCALES.get(self.language, {}))
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
        return {word: unit for word, unit in found.items() if word} | _MORE_UNITS.get(self.language, {})

    @cached_property
    def months(self) -> Mapping[str, int]:
        """Names of months as they are written, upper case where CLDR has it: "may" is no month, "May" is."""
        return dict(_names(self.locale.months))

    @cached_property
    def weekdays(self) -> Mapping[str, int]:
        """Names of weekdays, Monday 0; likewise as written: "Minggu" is Sunday, "minggu" a week."""
        return dict(_names(self.locale.days, ("wide", "abbreviated") if self.language == "zh" else ("wide",)))

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Countries, continents and the cities that time zones are named after: name as written -> CLDR's code."""
        zones = ((str(zone["city"]), code) for code, zone in self.locale.time_zones.items() if "city" in zone)
        cities = {code.rpartition("/")[2].replace("_", " "): code for code in _zones()}
        return cities | dict(zones) | {str(name): code for code, name in self.locale.territories.items() if code != "001"}

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
            return {}
        return {word: n for word, n in found.items() if word not in _HOMONYMS.get(self.language, ())}


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
    return regex.sub(r"[-\s\u200c]+", " ", fold(words)).strip()
