"""What the cells of a file mean: numbers with either decimal mark, months as people and spreadsheets write them."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import cast

from babel.dates import get_month_names

from vela import money
from vela.language import LANGUAGES
from vela.periods import Month

_GAPS = re.compile(r"[\s\u00a0\u202f'’]")
_NUMBER = re.compile(r"[-\u2212]?([0-9.,]*[0-9])")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.][0-9]{1,2}(?:[ T].*)?)?")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{4})")
_WITH_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?: .*)?")
_NAMED = re.compile(r"([^\W\d_]+)\.?(?:\s+de)?[-/ .]*((?:[0-9]{2}){1,2})(?:\s*г\.?)?")


def votes(text: str) -> str:
    """The decimal mark that a number shows beyond doubt; both marks when it could be either, "" when it has none."""
    found = _NUMBER.fullmatch(_GAPS.sub("", text))
    if not found:
        return ""
    digits = found[1]
    marks = re.findall("[.,]", digits)
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    return ".," if re.fullmatch("[1-9][0-9]{0,2}[.,][0-9]{3}", digits) else marks[0]


def mark_of(texts: Iterable[str], preferred: str) -> tuple[str, str]:
    """The decimal mark of a file by its numbers, else `preferred`; and a number that left a doubt, if any did."""
    shown: set[str] = set()
    doubtful = ""
    for text in texts:
        vote = votes(text)
        if len(vote) == 1:
            shown.add(vote)
        elif vote and not doubtful:
            doubtful = text.strip()
    return (shown.pop(), "") if len(shown) == 1 else (preferred, doubtful)


def number(text: str, mark: str) -> str:
    """A number as it was typed, as the plain one that intake reads; `mark` is the decimal mark of the file."""
    return money.plain_number(text, mark)


def day_comes_first(texts: Iterable[str], by_habit: bool | None) -> bool | None:
    """Whether dates such as 01/11/2026 begin with the day, by what the whole column shows, else `by_habit`."""
    pairs = [(int(found[1]), int(found[2])) for found in map(_WITH_DAY.fullmatch, texts) if found]
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    if any(first > 12 for first in firsts):
        return True
    if any(second > 12 for second in seconds):
        return False
    if (firsts == {1}) != (seconds == {1}):  # spreadsheets write a month as its first day
        return firsts == {1}
    return by_habit


def month(text: str, day_first: bool | None) -> str:
    """A month or a day in it as YYYY-MM; text that is neither, or either way round, comes back as it was."""
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _written(found[1], found[2], text)
    found = _MONTH_FIRST.fullmatch(text)
    if found:
        return _written(found[2], found[1], text)
    found = _WITH_DAY.fullmatch(text)
    if found:
        either = found[1] == found[2] or day_first is not None
        return _written(found[3], found[2] if day_first else found[1], text) if either else text
    found = _NAMED.fullmatch(text.casefold())
    name = found[1] if found else ""
    if found and name in _names():
        year = found[2] if len(found[2]) == 4 else f"20{found[2]}"
        return _written(year, str(_names()[name]), text)
    return text


def _written(year: str, month_number: str, otherwise: str) -> str:
    try:
        return str(Month.parse(f"{year}-{int(month_number):02d}"))
    except ValueError:
        return otherwise


@cache
def _names() -> dict[str, int]:
    """Every month by what it is called in our languages, whole and cut short, without dots."""
    found: dict[str, int] = {}
    for language, width, context in product(LANGUAGES, ("wide", "abbreviated"), ("format", "stand-alone")):
        months = cast("Mapping[int, str]", get_month_names(width, context, language))
        found |= {name.casefold().strip("."): place for place, name in months.items()}
    return found
