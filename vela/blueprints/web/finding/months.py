"""Months as people write them in their language: November 2025, nov, 2025-11, and what can be looked at of each."""

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from babel.dates import get_month_names

from vela.blueprints.web.figures import month_long
from vela.blueprints.web.finding.options import Option
from vela.folding import folded
from vela.language import current_language
from vela.language import gettext as _
from vela.periods import FIRST_YEAR, LAST_YEAR, Month

SHORTEST = 3
CENTURY = 2000
_NUMBERS = re.compile(
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})|(?P<month_first>[0-9]{1,2})[-/.](?P<then>[0-9]{4})"
)
_YEAR = re.compile(r"[0-9]{4}|[0-9]{2}")
_OF = {"de", "del", "d"}


def months_meant(text: str, latest: Month) -> tuple[list[Month], str]:
    """The months that `text` names, nearest first, and the words beside them; without a year, the last two of a name.

    `latest` is the present month of the books.
    """
    words = [word for word in folded(text).replace("'", " ").replace("’", " ").split() if word not in _OF]
    for at, word in enumerate(words):
        if (exact := _by_number(word)) is not None:
            return [exact], " ".join(words[:at] + words[at + 1 :])
        number = _named(word)
        if number:
            return _of_name(number, words[:at], words[at + 1 :], latest)
    return [], text


def _of_name(number: int, before: list[str], after: list[str], latest: Month) -> tuple[list[Month], str]:
    if after and _YEAR.fullmatch(after[0]):
        year = int(after[0]) + (CENTURY if len(after[0]) == 2 else 0)
        found = [Month(year, number)] if FIRST_YEAR <= year <= LAST_YEAR else []
        return found, " ".join(before + after[1:])
    this_year = Month(latest.year, number)
    last = this_year if this_year <= latest else this_year.plus(-12)
    return [last, last.plus(-12)], " ".join(before + after)


def _by_number(word: str) -> Month | None:
    found = _NUMBERS.fullmatch(word)
    if found is None:
        return None
    year, number = int(found["year"] or found["then"]), int(found["month"] or found["month_first"])
    return Month(year, number) if FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= 12 else None


def _named(word: str) -> int:
    """The number of the month whose name, long or short, begins with `word`; 0 for none or for several."""
    plain = word.rstrip(".")
    if len(plain) < SHORTEST:
        return 0
    numbers = {number for name, number in _names(current_language()) if name.startswith(plain)}
    return numbers.pop() if len(numbers) == 1 else 0


@cache
def _names(language: str) -> list[tuple[str, int]]:
    """The names of months, long and short, by themselves and after a day, folded, with their numbers."""
    forms = [
        cast("Mapping[int, str]", get_month_names(width, context, language))
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
    ]
    return [(folded(name), number) for names in forms for number, name in names.items()]


def month_options(text: str, latest: Month) -> list[Option]:
    """The dashboard, the transactions and the statement of each month that is meant."""
    months, rest = months_meant(text, latest)
    options = [option for month in months for option in _of(month)]
    return [option for option in options if not rest or option.is_meant_by(rest)]


def _of(month: Month) -> list[Option]:
    name = month_long(month)
    return [
        Option("grid-1x2", _("Dashboard of %(month)s", month=name), f"/?month={month}"),
        Option("arrow-left-right", _("Transactions of %(month)s", month=name), f"/transactions?month={month}"),
        Option("bar-chart-line", _("Profit and loss of %(month)s", month=name), f"/profit?month={month}"),
    ]
