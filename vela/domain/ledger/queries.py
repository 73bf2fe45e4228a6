"""Reading the books: sales of a month, expenses, and the profit and loss of months from the kept sums."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import ColumnElement, false, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from vela import money
from vela.columns import Amount
from vela.db import MOST_ID, find
from vela.domain.catalog.models import RevisionLine, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.listing import Together, added_up
from vela.domain.ledger.models import MonthSum, OperatingExpense, Transaction
from vela.domain.ledger.profit import MonthFigures
from vela.errors import NotFound
from vela.periods import Month


def transaction(session: Session, transaction_id: int) -> Transaction:
    """One sale, voided or not. Raises NotFound."""
    found = find(session, Transaction, transaction_id)
    if found is None:
        raise NotFound("transaction", transaction_id)
    return found


def transactions(
    session: Session,
    *,
    month: Month | None = None,
    service_id: int | None = None,
    include_voided: bool = False,
    since: datetime | None = None,
    before: int | None = None,
    most: int | None = None,
) -> list[Transaction]:
    """Sales, newest first: of a month, of an offer, or all; with `before`, only those with a lower id.

    With `since`, only those that were recorded, voided or counted again at that moment or later.
    """
    conditions = _asked_for(month, service_id, since, include_voided=include_voided)
    query = select(Transaction).where(*conditions).order_by(Transaction.id.desc())
    if before is not None:
        query = query.where(Transaction.id < min(before, MOST_ID))
    return list(session.scalars(query if most is None else query.limit(most)))


def how_many_transactions(
    session: Session,
    *,
    month: Month | None = None,
    service_id: int | None = None,
    include_voided: bool = False,
    since: datetime | None = None,
) -> int:
    """How many sales `transactions` finds, on all pages."""
    conditions = _asked_for(month, service_id, since, include_voided=include_voided)
    return session.scalar(select(func.count(Transaction.id)).where(*conditions)) or 0


def sold_in_all(session: Session, *, month: Month | None = None, service_id: int | None = None) -> Together:
    """What all sales that count come to, exactly: of a month, of an offer, or all."""
    return added_up(session, *_asked_for(month, service_id, include_voided=False))


def voided_in_all(session: Session, *, month: Month | None = None, service_id: int | None = None) -> int:
    """How many sales were voided: of a month, of an offer, or all."""
    voided = Transaction.voided_at.is_not(None)
    return added_up(session, *_asked_for(month, service_id, include_voided=True), voided).sales


def _asked_for(
    month: Month | None, service_id: int | None, since: datetime | None = None, *, include_voided: bool
) -> Iterator[ColumnElement[bool]]:
    if not include_voided:
        yield Transaction.voided_at.is_(None)
    if since is not None:
        yield or_(Transaction.created_at >= since, Transaction.changed_at >= since)
    if month is not None:
        yield Transaction.month == month
    if service_id is not None:
        yield Transaction.service_id == service_id if 0 < service_id <= MOST_ID else false()


def counting(session: Session, ids: Collection[int]) -> dict[int, bool]:
    """Of the sales with these ids, whether each counts, or is voided."""
    found = select(Transaction.id, Transaction.voided_at).where(Transaction.id.in_(ids))
    return {identity: voided_at is None for identity, voided_at in session.execute(found)}


def has_samples(session: Session) -> bool:
    return session.scalar(select(Transaction.id).where(Transaction.sample).limit(1)) is not None


# ---------- operating expenses


def expense(session: Session, expense_id: int) -> OperatingExpense:
    """One operating expense that has not been removed. Raises NotFound."""
    found = find(session, OperatingExpense, expense_id)
    if found is None or found.removed_at is not None:
        raise NotFound("expense", expense_id)
    return found


def expenses(session: Session, *, after: int | None = None, most: int | None = None) -> list[OperatingExpense]:
    """Operating expenses in the order they were entered; with `after`, only those with a higher id."""
    live = select(OperatingExpense).where(OperatingExpense.removed_at.is_(None))
    if after is not None:
        live = live.where(OperatingExpense.id > after)
    return list(session.scalars(live.order_by(OperatingExpense.id).limit(most)))


def how_many_expenses(session: Session) -> int:
    live = select(func.count(OperatingExpense.id)).where(OperatingExpense.removed_at.is_(None))
    return session.scalar(live) or 0


def opex_of(listed: Sequence[OperatingExpense], month: Month) -> Decimal:
    """What the expenses that cover `month` add up to, in the currency of the books."""
    return money.total(expense.amount for expense in listed if expense.covers(month))


# ---------- profit and loss


@dataclass(frozen=True, slots=True)
class OfferMonth:
    """What one offer sold in one month."""

    service_id: int
    month: Month
    sales: int
    quantity: int
    totals: Totals


def offer_months(session: Session, months: Sequence[Month]) -> list[OfferMonth]:
    """The sums of each offer in each of the months, from the kept sums; nothing for an offer without sales."""
    query = (
        select(
            MonthSum.service_id,
            MonthSum.month,
            func.sum(MonthSum.sales),
            func.sum(MonthSum.quantity),
            type_coerce(func.sum(MonthSum.cost), Amount()),
            type_coerce(func.sum(MonthSum.revenue), Amount()),
        )
        .where(MonthSum.month.in_(months))
        .group_by(MonthSum.service_id, MonthSum.month)
        .order_by(MonthSum.service_id, MonthSum.month)
    )
    return [
        OfferMonth(service_id, month, int(sales), int(quantity), Totals(cost, revenue))
        for service_id, month, sales, quantity, cost, revenue in session.execute(query).all()
    ]


def profit_of(session: Session, month: Month) -> MonthFigures:
    """The P&L of one month; an empty month is zeros and its operating expenses."""
    return profits_of(session, [month])[0]


def profits_of(session: Session, months: Sequence[Month]) -> list[MonthFigures]:
    """The P&L of each of the months, in their order."""
    sold: dict[Month, list[Totals]] = {month: [] for month in months}
    for each in offer_months(session, months):
        sold[each.month].append(each.totals)
    listed = expenses(session)
    return [
        MonthFigures(
            total_revenue=money.total(each.sell for each in sold[month]),
            total_cost=money.total(each.cost for each in sold[month]),
            opex=opex_of(listed, month),
            month=month,
        )
        for month in months
    ]


def first_month(session: Session) -> Month | None:
    """The first month in which anything was sold; None when nothing was."""
    return session.scalar(select(func.min(MonthSum.month)))


@dataclass(frozen=True, slots=True)
class ComponentMonth:
    """What one component contributed to the sales of a month: how many offers it was part of, and its totals."""

    month: Month
    name: str
    group: str
    offers: int
    totals: Totals


def component_months(session: Session, months: Sequence[Month]) -> list[ComponentMonth]:
    """Cost and revenue of each component (by name and group) in each of the months: quantity sold × the line sold.

    A sale's cost is its quantity times the sum of these lines, so they add up to the P&L exactly. The products are made
    here and not in SQL, where those of a large part that an adjustment takes back would not fit.
    """
    query = (
        select(MonthSum.month, MonthSum.service_id, MonthSum.quantity, RevisionLine)
        .join(RevisionLine, RevisionLine.revision_id == MonthSum.revision_id)
        .where(MonthSum.month.in_(months))
        .order_by(
            MonthSum.month, RevisionLine.name, RevisionLine.group, RevisionLine.revision_id, RevisionLine.position
        )
    )
    rows = session.execute(query).all()
    return [
        _component_month(month, name, group, [(service_id, quantity, line) for _, service_id, quantity, line in parts])
        for (month, name, group), parts in groupby(rows, key=lambda row: (row[0], row[3].name, row[3].group))
    ]


def _component_month(
    month: Month, name: str, group: str, sold: Sequence[tuple[int, int, RevisionLine]]
) -> ComponentMonth:
    return ComponentMonth(
        month,
        name,
        group,
        len({service_id for service_id, _quantity, _line in sold}),
        Totals(
            money.total(quantity * line.cost for _service, quantity, line in sold),
            money.total(quantity * line.sell for _service, quantity, line in sold),
        ),
    )


def offer_names(session: Session, service_ids: set[int]) -> dict[int, str]:
    """The names of some offers, by id."""
    rows = session.execute(select(Service.id, Service.name).where(Service.id.in_(service_ids)).order_by(Service.id))
    return {row.id: row.name for row in rows}
