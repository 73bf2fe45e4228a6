"""The language that words are spoken in: one choice per request, read by gettext wherever text is made."""

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

NAMES = {"en": "English", "es": "Español", "fr": "Français", "ru": "Русский"}
LANGUAGES = tuple(NAMES)
DEFAULT_LANGUAGE = "en"
CATALOGUES = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Style:
    """Separators of a language: groups of three digits, the decimal mark, what stands before a percent sign."""

    group: str
    mark: str
    before_percent: str


STYLES = {
    "en": Style(",", ".", ""),
    "es": Style(".", ",", "\u00a0"),
    "fr": Style("\u00a0", ",", "\u00a0"),
    "ru": Style("\u00a0", ",", "\u00a0"),
}

_current: ContextVar[str] = ContextVar("vela_language", default=DEFAULT_LANGUAGE)


@cache
def _catalogue(language: str) -> NullTranslations:
    """The words of a language, read from the very file that translators write; English is what the code says."""
    if language == DEFAULT_LANGUAGE:
        return NullTranslations()
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        words = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return GNUTranslations(compiled)


def current_language() -> str:
    return _current.get()


def style() -> Style:
    """How numbers are written in the language that is spoken."""
    return STYLES[_current.get()]


def grouped(number: Decimal | int) -> str:
    """A number without a sign as a sentence says it, with all its decimals: 1,000,000 or 9 999 999,99."""
    return f"{Decimal(number):,f}".translate({ord(","): style().group, ord("."): style().mark})


def speak(language: str) -> None:
    """Say everything that this request, or whatever else has a context of its own, says from now on in `language`."""
    _current.set(language)


@contextmanager
def speaking(language: str) -> Generator[None]:
    """Say everything inside the block in `language` (one of LANGUAGES)."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def preferred(asked_for: Iterable[str]) -> str:
    """The first of our languages among tags such as `fr-MA`, most wanted first; English when there is none."""
    primary = (re.split("[-_]", tag, maxsplit=1)[0].lower() for tag in asked_for)
    return next((each for each in primary if each in LANGUAGES), DEFAULT_LANGUAGE)


def gettext(message: str, **values: object) -> str:
    text = _catalogue(_current.get()).gettext(message)
    return text % values if values else text


def pgettext(context: str, message: str) -> str:
    """A word that is said differently where it means another thing; `context` tells translators which it is."""
    return _catalogue(_current.get()).pgettext(context, message)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    text = _catalogue(_current.get()).ngettext(one, many, count)
    return text % {"count": count, **values}
