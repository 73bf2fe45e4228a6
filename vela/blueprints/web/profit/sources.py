"""What the figures of the statement are made of: a cost, the operating expenses, and the profits of a period."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela import money
from vela.blueprints.web import figures
from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.months import span_of
from vela.blueprints.web.naming import cost_of, opex_of, result_of
from vela.blueprints.web.profit.viewing import View
from vela.blueprints.web.routes import pages
from vela.domain.insight import sources
from vela.domain.insight.sources import Part
from vela.domain.ledger.profit import summed
from vela.domain.workspace.settings import current_month
from vela.periods import Span

MOST_PARTS = 300


@pages.get("/profit/cost")
def cost_sources() -> Response:
    """The components behind a cost: of all, of one line of the statement (`group`), or one (`component`, `in_group`).

    Raises Invalid for months that are none.
    """
    with database().reading() as session:
        span, group, name = span_of(session, request.args), request.args.get("group"), request.args.get("component")
        in_group = request.args.get("in_group", "")
        parts = sources.parts_sold(session, span, heading=group, component=None if name is None else (name, in_group))
        narrowed: dict[str, Any] = {
            "group": group,
            "component": name,
            "in_group": in_group if name is not None else None,
        }
        return page(
            session,
            "profit/cost.html",
            group=group,
            component=name,
            headings=_headings(parts) if group is None and name is None else [],
            parts=parts[:MOST_PARTS],
            rest=parts[MOST_PARTS:],
            rest_totals=sources.together(parts[MOST_PARTS:]),
            totals=sources.together(parts),
            decimals=figures.places(part for each in parts for part in (each.totals.cost, each.totals.sell)),
            **_frame(session, span, partial(cost_of, **narrowed)),
        )


def _headings(parts: list[Part]) -> list[tuple[str, Any]]:
    """What each line of the statement adds up to, dearest first."""
    gathered: dict[str, list[Part]] = {}
    for part in parts:
        gathered.setdefault(part.heading, []).append(part)
    totals = [(heading, sources.together(found)) for heading, found in gathered.items()]
    return sorted(totals, key=lambda pair: -pair[1].cost)


@pages.get("/profit/opex")
def opex_sources() -> Response:
    """The operating expenses of a period and in which months. Raises Invalid for months that are none."""
    with database().reading() as session:
        span = span_of(session, request.args)
        counted = sources.expenses_counted(session, span)
        return page(
            session,
            "profit/opex.html",
            counted=counted,
            total=money.total(each.total for each in counted),
            decimals=figures.places(each.total for each in counted),
            **_frame(session, span, opex_of),
        )


@pages.get("/profit/result")
def result_sources() -> Response:
    """How gross profit, net profit and both margins of a period come about. Raises Invalid for months that are none."""
    with database().reading() as session:
        span = span_of(session, request.args)
        parts = sources.profit_in_parts(session, span)
        whole = summed(parts)
        return page(
            session,
            "profit/result.html",
            parts=parts,
            whole=whole,
            decimals=figures.places(
                amount for each in parts for amount in (each.total_revenue, each.total_cost, each.opex)
            ),
            **_frame(session, span, result_of),
        )


def _frame(session: Session, span: Span, address: Callable[[Span], str]) -> dict[str, Any]:
    """What these pages share: the months they are about, the ways to those before and after, and back."""
    now, period = current_month(session), span.period
    back = View(period or span.last, now)
    return {
        "here": "profit",
        "span": span,
        "back": back.address,
        "in_progress": span.covers(now),
        "earlier": address(period.previous.span) if period and period.previous.is_bookable else "",
        "later": address(period.next.span) if period and span.last < now else "",
    }
