"""The statement of months, quarters or years and the operating expenses to be taken away."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from vela.domain.insight.statement import Statement, statement
from vela.domain.ledger import queries
from vela.exports.making import Export
from vela.figures import month_short
from vela.language import gettext as _
from vela.periods import Month, Period, Quarter
from vela.sheets.headings import Cell, Column, Filled, Kind, Row, Sheet, computed
from vela.wording.naming import period_name


def lines() -> dict[str | bool, str]:
    """The lines of the statement, as the page calls them."""
    return {
        "revenue": _("Revenue"),
        "cost": _("Cost of components"),
        "gross_profit": _("Gross profit"),
        "gross_margin_pct": _("Gross margin"),
        "opex": _("Opex"),
        "net_profit": _("Net profit"),
        "net_margin_pct": _("Net margin"),
    }


def profit(session: Session, period: Period) -> Export:
    """The statement that ends with a month, a quarter or a year, with the signs of the page."""
    shown = statement(session, period)
    filled = Filled(_sheet([each.period for each in shown.columns]), _statement_rows(shown))
    by = "month" if isinstance(period, Month) else "quarter" if isinstance(period, Quarter) else "year"
    return Export(f"profit-{period}", filled, {"by": by, "to": period})


def _sheet(periods: Sequence[Period]) -> Sheet:
    return Sheet(
        "profit",
        lambda: _("Profit and loss"),
        (
            Column("line", lambda: _("Line"), Kind.CHOICE, is_read_only=True, words=lines),
            computed("part", lambda: _("Offer or group")),
            *(_of_period(period) for period in periods),
            computed("total", lambda: _("Total"), Kind.AMOUNT),
        ),
    )


def _of_period(period: Period) -> Column:
    return computed(str(period), lambda: period_name(period), Kind.AMOUNT)


def _statement_rows(shown: Statement) -> Iterator[Row]:
    periods, together = shown.columns, shown.together
    yield "revenue", None, *(each.total_revenue for each in periods), together.total_revenue
    for part in shown.revenue_by_offer:
        yield "revenue", part.name, *part.amounts, part.total
    yield "cost", None, *(-each.total_cost for each in periods), -together.total_cost
    for part in shown.cost_by_group:
        yield "cost", part.name, *(None if each is None else -each for each in part.amounts), -part.total
    columns = [*periods, together]
    yield "gross_profit", None, *(each.gross_profit for each in columns)
    yield "gross_margin_pct", None, *(_share(each.gross_margin_pct) for each in columns)
    yield "opex", None, *(-each.opex for each in columns)
    yield "net_profit", None, *(each.net_profit for each in columns)
    yield "net_margin_pct", None, *(_share(each.net_margin_pct) for each in columns)


def _share(value: Decimal | None) -> Cell:
    return Cell(Kind.PERCENT, value)


def expenses(session: Session, month: Month) -> Export:
    """The operating expenses, with what each counts in a month."""
    rows: list[Row] = [
        (
            each.name, each.amount, each.first_month, each.last_month,
            each.amount if each.covers(month) else None, each.notes, each.id,
        )
        for each in queries.expenses(session)
    ]  # fmt: skip
    return Export(f"operating-expenses-{month}", Filled(_expenses(month), rows), {"month": month})


def _expenses(month: Month) -> Sheet:
    return Sheet(
        "operating_expenses",
        lambda: _("Operating expenses"),
        (
            computed("name", lambda: _("Expense")),
            computed("amount", lambda: _("Amount"), Kind.AMOUNT),
            computed("first_month", lambda: _("First month"), Kind.MONTH),
            computed("last_month", lambda: _("Last month"), Kind.MONTH),
            computed("counts", lambda: _("In %(month)s", month=month_short(month)), Kind.AMOUNT),
            computed("notes", lambda: _("Notes")),
            computed("id", lambda: _("Number"), Kind.WHOLE),
        ),
    )
