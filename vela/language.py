"""The language that words are spoken in: one choice per request, read by gettext wherever text is made."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

LANGUAGES = ("en", "es", "fr", "ru")
DEFAULT_LANGUAGE = "en"
CATALOGUES = Path(__file__).parent / "translations"

_current: ContextVar[str] = ContextVar("vela_language", default=DEFAULT_LANGUAGE)


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(CATALOGUES), [language])


def current_language() -> str:
    return _current.get()


@contextmanager
def speaking(language: str) -> Generator[None]:
    """Say everything inside the block in `language` (one of LANGUAGES)."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str, **values: object) -> str:
    text = _catalogue(_current.get()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    text = _catalogue(_current.get()).ngettext(one, many, count)
    return text % {"count": count, **values}
