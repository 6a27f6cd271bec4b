"""Templates -> HTML. Every value is escaped unless it is HTML of ours already; nothing is read as Markdown."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rag.page.words import words
from rag.tags import base

_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def render(template: str, language: str, **values: Any) -> str:
    """One template with the page's words in `language`, as HTML."""
    return _TEMPLATES.get_template(template).render(words=words(language), **values)


def direction(language: str) -> str:
    """Which way a language is written, as HTML's `dir`."""
    return "rtl" if base(language) in _RIGHT_TO_LEFT else "ltr"


def exact(text: str) -> Markup:
    """Text that must come through HTML code point for code point; parsers turn a bare carriage return into a line feed."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704  (escaped the line before)


_TEMPLATES = Environment(
    loader=PackageLoader("rag.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {"direction": direction, "exact": exact}
