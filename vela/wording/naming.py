"""How periods and people are called."""

from vela.figures import month_long, month_short, month_tiny
from vela.language import gettext as _
from vela.periods import Month, Period, Quarter, Span

OPERATOR = "Operator"


def period_name(period: Period) -> str:
    """Nov 2026, Q4 2026, 2026."""
    if isinstance(period, Month):
        return month_short(period)
    return _quarter(period) if isinstance(period, Quarter) else str(period)


def period_long(period: Period) -> str:
    """November 2026, Q4 2026, 2026."""
    return month_long(period) if isinstance(period, Month) else period_name(period)


def period_tiny(period: Period, with_year: bool = False) -> str:
    """What stands over a column: Nov, Q4 2026, 2026."""
    return month_tiny(period, with_year) if isinstance(period, Month) else period_name(period)


def span_name(span: Span) -> str:
    """The month, quarter or year that it is, else its first and its last month."""
    if span.period:
        return period_name(span.period)
    return _("%(first)s to %(last)s", first=month_short(span.first), last=month_short(span.last))


def span_long(span: Span) -> str:
    """The same with the month in full."""
    return month_long(span.first) if span.count == 1 else span_name(span)


def _quarter(quarter: Quarter) -> str:
    return _("Q%(number)d %(year)d", number=quarter.number, year=quarter.year)


def person(name: str) -> str:
    """Who did something, as the reader calls them: the operator is written down in English."""
    return _("Operator") if name == OPERATOR else name
