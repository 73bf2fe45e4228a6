"""A month for an accountant: its statement beside the month before and the year to date, with every line of opex."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela import money
from vela.domain.insight.statement import Row, Statement, statement
from vela.domain.ledger import closing, queries
from vela.domain.ledger.models import ClosedMonth
from vela.domain.ledger.profit import Figures, MonthFigures, summed
from vela.periods import Month


@dataclass(frozen=True, slots=True)
class Part:
    """One line under revenue, cost or opex: its amounts in the month, the month before, and the year to date.

    None is for nothing at all; `quantity` is what was sold of an offer in the month.
    """

    name: str
    month: Decimal | None
    before: Decimal | None
    year: Decimal | None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The figures of a month, of the month before it and of its year so far, and what each is made of."""

    month: MonthFigures
    before: Figures
    year: Figures
    quantity: int
    revenue: list[Part]
    cost: list[Part]
    opex: list[Part]
    closed: ClosedMonth | None


def month_report(session: Session, month: Month) -> MonthReport:
    """The report of `month`, in the currency of the books, without parts that have nothing in any of its columns."""
    shown = statement(session, month)
    sold = {each.service_id: each.quantity for each in queries.offer_months(session, [month])}
    of_year = [each for each in shown.months if each.month.year == month.year]
    return MonthReport(
        month=shown.months[-1],
        before=shown.before or summed([]),
        year=summed(of_year),
        quantity=sum(sold.values()),
        revenue=_parts(shown, shown.revenue_by_offer, lambda row: sold.get(row.service_id or 0)),
        cost=_parts(shown, shown.cost_by_group, lambda _row: None),
        opex=_expenses(session, [each.month for each in of_year], month),
        closed=closing.closed_month(session, month),
    )


def _parts(shown: Statement, rows: Sequence[Row], quantity: Callable[[Row], int | None]) -> list[Part]:
    year = shown.months[-1].month.year
    places = [place for place, each in enumerate(shown.months) if each.month.year == year]
    parts = [
        Part(row.name, row.amounts[-1], _before(row), _sum([row.amounts[each] for each in places]), quantity(row))
        for row in rows
    ]
    return [part for part in parts if _says_anything(part)]


def _before(row: Row) -> Decimal | None:
    """The amount of the month before, which the first month of all does not have."""
    return row.amounts[-2] if len(row.amounts) > 1 else None


def _expenses(session: Session, of_year: Sequence[Month], month: Month) -> list[Part]:
    parts = [
        Part(
            expense.name,
            expense.amount if expense.covers(month) else None,
            expense.amount if expense.covers(month.previous) else None,
            _sum([expense.amount if expense.covers(each) else None for each in of_year]),
        )
        for expense in queries.expenses(session)
    ]
    return [part for part in parts if _says_anything(part)]


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    there = [each for each in amounts if each is not None]
    return money.total(there) if there else None


def _says_anything(part: Part) -> bool:
    return (part.month, part.before, part.year) != (None, None, None)
