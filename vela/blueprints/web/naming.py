"""How periods are called on pages, and the addresses at which a figure of a period shows what it is made of."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask

from vela.language import gettext as _
from vela.periods import FIRST_YEAR, LAST_YEAR, Month, Period, Quarter, Span
from vela.wording.naming import period_long, period_name, period_tiny, person, span_long, span_name

FIRST, LAST = Month(FIRST_YEAR, 1), Month(LAST_YEAR, 12)


def steps_of(period: Period | None) -> tuple[str, str, str]:
    """What a choice of periods is called, and the ways to the ones before and after; no ways without a period."""
    if isinstance(period, Month):
        return _("Month"), _("Previous month"), _("Next month")
    if isinstance(period, Quarter):
        return _("Quarter"), _("Previous quarter"), _("Next quarter")
    return (_("Period"), "", "") if period is None else (_("Year"), _("Previous year"), _("Next year"))


def sales_of(span: Span, **narrowed: Any) -> str:
    """The list of the sales of a period; `offer`, `revision` and `part` narrow it."""
    if span.count == 1:
        return _address("/transactions", {"month": span.first, **narrowed})
    return _address("/transactions", {**_bounds(span), **narrowed})


def cost_of(span: Span, **narrowed: Any) -> str:
    """The components behind a cost; `group` is a line of the statement, `component` and `in_group` one component."""
    return _address("/profit/cost", {**_bounds(span), **narrowed})


def opex_of(span: Span) -> str:
    """The operating expenses of a period."""
    return _address("/profit/opex", _bounds(span))


def result_of(span: Span, fragment: str = "") -> str:
    """How the profits and margins of a period come about."""
    return _address("/profit/result", _bounds(span)) + (f"#{fragment}" if fragment else "")


def _bounds(span: Span) -> dict[str, Any]:
    return {"from": max(span.first, FIRST), "to": min(span.last, LAST)}


def _address(path: str, said: dict[str, Any]) -> str:
    return f"{path}?{urlencode({name: value for name, value in said.items() if value is not None})}"


def teach(app: Flask) -> None:
    """Give templates the names of periods and the addresses behind figures."""
    environment: Any = app.jinja_env  # its dictionaries name no types
    for named in (person, period_name, period_long, period_tiny, span_name, span_long):
        environment.filters[named.__name__] = named
    environment.globals.update(
        steps_of=steps_of, sales_of=sales_of, cost_of=cost_of, opex_of=opex_of, result_of=result_of
    )
