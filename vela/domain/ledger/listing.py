"""Sales as a list: narrowed, ordered, counted and added up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, UnaryExpression, false, func, select, type_coerce
from sqlalchemy.orm import Session, raiseload

from vela import money
from vela.columns import Amount
from vela.db import MOST_ID
from vela.domain.catalog.models import Revision, RevisionLine, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.models import Transaction
from vela.folding import folded
from vela.periods import Month, Span

AT_A_TIME = 1000
ORDERS: Mapping[str, SQLColumnExpression[Any]] = {
    "added": Transaction.created_at,
    "quantity": Transaction.quantity,
    "revenue": Transaction.revenue,
    "margin": Transaction.revenue - Transaction.cost,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sales: of a month, or of the months from it to `until`; perhaps of one offer, of one revision of it, with
    one component at one price (its id and version), with some words in the note, by one person, or the voided ones."""

    month: Month
    service_id: int | None = None
    notes: str = ""
    by: str = ""
    voided: bool = False
    until: Month | None = None
    revision: int | None = None
    part: tuple[int, int] | None = None

    @property
    def span(self) -> Span:
        return Span(self.month, self.until or self.month)


@dataclass(frozen=True, slots=True)
class Together:
    """How many sales, how many units, and what they cost and brought."""

    sales: int
    quantity: int
    totals: Totals


def sales(
    session: Session, wanted: Wanted, *, order: str, falling: bool, most: int | None = None, skip: int = 0
) -> list[Transaction]:
    """The wanted sales, ordered by one of ORDERS, the latest first among equals: after the first `skip`, at most `most`
    (None: all)."""
    query = select(Transaction).where(*_conditions(wanted)).order_by(*_ordered(order, falling))
    return list(session.scalars(query.limit(most).offset(skip or None)))


class Sold(NamedTuple):
    """A sale as a file tells it: with the name of its offer, and the number of the revision it was sold under."""

    id: int
    month: Month
    offer: str
    quantity: int
    notes: str
    totals: Totals
    created_by: str
    created_at: datetime
    voided_by: str | None
    voided_at: datetime | None
    revision: int
    sample: bool


def all_sales(session: Session, wanted: Wanted, *, order: str, falling: bool) -> Iterator[Sold]:
    """All of the wanted sales, ordered as `sales` does, read a thousand at a time however many there are."""
    query = (
        select(Transaction, Service.name, Revision.number)
        .join(Service, Service.id == Transaction.service_id)
        .join(Revision, Revision.id == Transaction.revision_id)
        .options(raiseload(Transaction.service))
        .where(*_conditions(wanted))
        .order_by(*_ordered(order, falling))
        .execution_options(yield_per=AT_A_TIME)
    )
    same = set(Sold._fields) - {"offer", "revision"}
    for sale, offer, revision in session.execute(query):
        yield Sold(offer=offer, revision=revision, **{name: getattr(sale, name) for name in same})


def _ordered(order: str, falling: bool) -> tuple[UnaryExpression[Any], UnaryExpression[Any]]:
    column = ORDERS[order]
    last = Transaction.id.asc() if order == "added" and not falling else Transaction.id.desc()
    return column.desc() if falling else column.asc(), last


def together(session: Session, wanted: Wanted) -> Together:
    """What the wanted sales add up to, exactly, however many there are."""
    return added_up(session, *_conditions(wanted))


def added_up(session: Session, *conditions: ColumnElement[bool]) -> Together:
    """What the sales of which `conditions` hold add up to."""
    count, quantity, cost, revenue = session.execute(
        select(
            func.count(),
            func.sum(Transaction.quantity),
            type_coerce(func.sum(Transaction.cost), Amount()),
            type_coerce(func.sum(Transaction.revenue), Amount()),
        ).where(*conditions)
    ).one()
    return Together(count, int(quantity or 0), Totals(cost or money.ZERO, revenue or money.ZERO))


def counts(session: Session, wanted: Wanted) -> dict[int, int]:
    """How many of the wanted sales each offer has, whichever offer, revision or component is asked for."""
    everywhere = replace(wanted, service_id=None, revision=None, part=None)
    query = select(Transaction.service_id, func.count()).where(*_conditions(everywhere))
    rows = session.execute(query.group_by(Transaction.service_id).order_by(Transaction.service_id))
    return {service_id: count for service_id, count in rows.all()}  # noqa: C416  (rows are not pairs to the type checker)


def sellers(session: Session, span: Span) -> list[str]:
    """Who recorded the sales of some months, by display name."""
    query = select(Transaction.created_by).where(_in(span)).distinct()
    return sorted(session.scalars(query))


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    voided = Transaction.voided_at.is_not(None) if wanted.voided else Transaction.voided_at.is_(None)
    conditions = [_in(wanted.span), voided]
    if any(number > MOST_ID for number in (wanted.service_id or 0, wanted.revision or 0, *(wanted.part or ()))):
        return [*conditions, false()]  # no row has such a number, and PostgreSQL would not even look for it
    if wanted.service_id is not None:
        conditions.append(Transaction.service_id == wanted.service_id)
    if wanted.revision is not None:
        numbered = select(Revision.id).where(Revision.number == wanted.revision)
        conditions.append(Transaction.revision_id.in_(numbered.where(Revision.service_id == wanted.service_id)))
    if wanted.part is not None:
        component_id, version = wanted.part
        holding = select(RevisionLine.revision_id).where(RevisionLine.component_id == component_id)
        conditions.append(Transaction.revision_id.in_(holding.where(RevisionLine.version == version)))
    if wanted.notes:
        conditions.append(Transaction.notes_folded.contains(folded(wanted.notes), autoescape=True))
    if wanted.by:
        conditions.append(Transaction.created_by == wanted.by)
    return conditions


def _in(span: Span) -> ColumnElement[bool]:
    return Transaction.month.between(span.first, span.last) if span.count > 1 else Transaction.month == span.first
