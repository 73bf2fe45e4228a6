"""The statement of months, quarters or years: its page, and everything on it that an edit changes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import deltas, figures
from vela.blueprints.web.answers import page
from vela.blueprints.web.deltas import Delta
from vela.blueprints.web.figures import places
from vela.blueprints.web.guards import database
from vela.blueprints.web.naming import cost_of, opex_of, result_of, sales_of
from vela.blueprints.web.profit import waterfall
from vela.blueprints.web.profit.viewing import View, view_of
from vela.blueprints.web.routes import pages
from vela.domain.insight import statement
from vela.domain.ledger import closing, queries
from vela.domain.ledger.profit import PeriodFigures
from vela.language import gettext as _

LARGE = 1_000_000  # amounts of seven digits need wider columns on narrow screens


@pages.get("/profit")
def profit() -> Response:
    """The statement that ends with the chosen period. Raises Invalid for a period that is none."""
    with database().reading() as session:
        return profit_page(session, view_of(session, request.args))


def profit_page(session: Session, view: View, status: int = 200, refused: dict[str, Any] | None = None) -> Response:
    """The page of a period; `refused` puts a form back as it was typed, with the complaints at its fields."""
    context = everything(session, view)
    return page(session, "profit/profit.html", status, here="profit", refused=refused, **context)


def everything(session: Session, view: View) -> dict[str, Any]:
    """All that the page shows of a period, and all that an answer to an edit may need."""
    shown = statement.statement(session, view.period)
    now = shown.columns[-1]
    listed = queries.expenses(session)
    amounts = _amounts(shown)
    closed = {each.month for each in closing.closed_months(session)}
    return {
        "choice": view,
        "statement": shown,
        "figures": now,
        "compared": _compared(now, shown.before),
        "fall": waterfall.draw(statement.waterfall(session, now), now.period.span),
        "closed": closing.closed_month(session, view.month) if view.by == "month" else None,
        "locks": [sum(month in closed for month in column.period.span.months) for column in shown.columns],
        "expenses": listed,
        "decimals": places(amounts),
        "large": any(abs(each) >= LARGE for each in amounts if each is not None),
        "expense_places": places([each.amount for each in listed]),
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of the period beside the same of the period before, and where it opens what it is made of."""

    label: str
    value: str
    full: str
    negative: bool
    delta: Delta | None
    before: str
    source: str


def _compared(now: PeriodFigures, before: PeriodFigures | None) -> list[Compared]:
    """The key figures of a period; without a sale in the one before, there is nothing to compare them with."""
    then = before if before and before.total_revenue else None
    span = now.period.span

    def amount(label: str, name: str, source: str, *, cost: bool = False) -> Compared:
        value: Decimal = getattr(now, name)
        old: Decimal | None = getattr(then, name) if then else None
        delta = None
        if then and old is not None:
            delta = deltas.spending(value, old, now, then) if cost else deltas.growth(value, old)
        known = "" if old is None else figures.headline(old)
        return Compared(label, figures.headline(value), figures.amount(value), value < 0, delta, known, source)

    margin, old_margin = now.gross_margin_pct, then.gross_margin_pct if then else None
    return [
        amount(_("Revenue"), "total_revenue", sales_of(span)),
        amount(_("Cost of components"), "total_cost", cost_of(span), cost=True),
        amount(_("Gross profit"), "gross_profit", result_of(span, "gross")),
        Compared(
            _("Gross margin"), figures.percent(margin), figures.percent(margin, 2), (margin or 0) < 0,
            deltas.in_points(margin, old_margin), "" if then is None else figures.percent(old_margin),
            result_of(span, "gross"),
        ),
        amount(_("Opex"), "opex", opex_of(span), cost=True),
        amount(_("Net profit"), "net_profit", result_of(span, "net")),
    ]  # fmt: skip


def _amounts(shown: statement.Statement) -> list[Decimal | None]:
    """Every amount of the statement: one of them with decimals gives them to the whole waterfall."""
    columns = [*shown.columns, shown.together]
    figures = [each for column in columns for each in (column.total_revenue, column.total_cost, column.opex)]
    return [*figures, *(amount for row in shown.revenue_by_offer + shown.cost_by_group for amount in row.amounts)]
