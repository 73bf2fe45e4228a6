"""What a figure is made of: the components behind a cost, and the expenses behind the opex of a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela import money
from vela.domain.catalog.models import Revision, RevisionLine
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger import queries
from vela.domain.ledger.models import MonthSum, OperatingExpense
from vela.domain.ledger.profit import PeriodFigures, of_period
from vela.periods import Span


@dataclass(frozen=True, slots=True)
class Part:
    """A component of an offer at one price: how many units of the offer were sold with it, and what that comes to.

    `line` is what it costs and brings in one unit of the offer; `totals` is that times `sold`. `first` and `last` are
    the numbers of the earliest and the latest revision it was sold under.
    """

    component_id: int
    version: int
    service_id: int
    offer: str
    name: str
    group: str
    quantity: Decimal
    unit_cost: Decimal
    unit_sell: Decimal
    line: Totals
    sold: int
    first: int
    last: int

    @property
    def totals(self) -> Totals:
        return Totals(self.sold * self.line.cost, self.sold * self.line.sell)

    @property
    def heading(self) -> str:
        """The line of the statement that it counts in."""
        return self.group or self.name


def parts_sold(
    session: Session, span: Span, *, heading: str | None = None, component: tuple[str, str] | None = None
) -> list[Part]:
    """The components sold in a period at each of their prices, dearest together first.

    `heading` keeps those that count in one line of the statement, `component` those of one name and group.
    """
    key = (RevisionLine.component_id, RevisionLine.version, MonthSum.service_id)
    said = (RevisionLine.name, RevisionLine.group, RevisionLine.quantity, RevisionLine.unit_cost)
    priced = (RevisionLine.unit_sell, RevisionLine.cost, RevisionLine.sell)
    query = (
        select(*key, *said, *priced, func.sum(MonthSum.quantity), func.min(Revision.number), func.max(Revision.number))
        .join(RevisionLine, RevisionLine.revision_id == MonthSum.revision_id)
        .join(Revision, Revision.id == MonthSum.revision_id)
        .where(MonthSum.month.between(span.first, span.last))
        .group_by(*key, *said, *priced)
    )
    rows: Sequence[Any] = session.execute(query).all()  # wider than the types of a row go
    names = queries.offer_names(session, {row[2] for row in rows})
    parts = [_part(row, names[row[2]]) for row in rows]
    kept = [
        each
        for each in parts
        if heading in (None, each.heading) and component in (None, (each.name, each.group))
    ]  # fmt: skip
    return sorted(kept, key=lambda each: (-each.totals.cost, each.heading, each.name, each.service_id, each.version))


def _part(row: Any, offer: str) -> Part:
    component_id, version, service_id, name, group, quantity, unit_cost, unit_sell, cost, sell, sold, first, last = row
    line = Totals(cost, sell)
    return Part(
        component_id, version, service_id, offer, name, group, quantity, unit_cost, unit_sell, line,
        int(sold), first, last,
    )  # fmt: skip


def together(parts: list[Part]) -> Totals:
    """What parts cost and brought, together."""
    return Totals(money.total(each.totals.cost for each in parts), money.total(each.totals.sell for each in parts))


@dataclass(frozen=True, slots=True)
class Counted:
    """An operating expense, the months of a period in which it counts, and what that comes to."""

    expense: OperatingExpense
    months: Span

    @property
    def total(self) -> Decimal:
        return self.expense.amount * self.months.count


def expenses_counted(session: Session, span: Span) -> list[Counted]:
    """The operating expenses of a period, in the order they were entered."""
    found = [(each, span.within(each.first_month, each.last_month)) for each in queries.expenses(session)]
    return [Counted(expense, months) for expense, months in found if months]


def profit_in_parts(session: Session, span: Span) -> list[PeriodFigures]:
    """The P&L of each month of a period, or of each quarter or year of a long one."""
    months = queries.profits_of(session, span.months)
    return [of_period(part, months) for part in span.parts]
