"""The monthly sums: kept with every sale and void, rebuilt and checked from the sales themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import add
from typing import Any

from sqlalchemy import Select, cast, delete, func, insert, select, text, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from vela.columns import Amount
from vela.db import inserting
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.models import MonthSum, Transaction
from vela.errors import Conflict
from vela.language import gettext as _
from vela.language import grouped
from vela.periods import Month

# Twelve such months still add up to less than the most that every reader of JSON takes exactly.
MOST_IN_A_MONTH = Decimal("799999999999.99")

_KEY = ("month", "service_id", "revision_id")
_SUMMED = ("sales", "quantity", "revenue", "cost")


def count_in(session: Session, *sales: Transaction) -> None:
    """Add sales to the sums of their months. Raises Conflict when a month would grow beyond what can be exact."""
    _move(session, sales, 1)
    for month in sorted({sale.month for sale in sales}):
        refuse_too_much(of_month(session, month))


def count_out(session: Session, sale: Transaction) -> None:
    """Take a sale out of the sums of its month."""
    _move(session, [sale], -1)


def of_month(session: Session, month: Month) -> Totals:
    """What the live sales of a month cost and brought."""
    summed = select(
        type_coerce(func.coalesce(func.sum(MonthSum.cost), 0), Amount()),
        type_coerce(func.coalesce(func.sum(MonthSum.revenue), 0), Amount()),
    )
    cost, revenue = session.execute(summed.where(MonthSum.month == month)).one()
    return Totals(cost, revenue)


def refuse_too_much(month: Totals) -> None:
    """Raises Conflict when a month of these sums could not be exact everywhere."""
    if max(month.sell, month.cost) > MOST_IN_A_MONTH:
        words = _(
            "The sum would be too large. Vela counts up to %(most)s a month.",
            most=grouped(MOST_IN_A_MONTH),
        )
        raise Conflict("too_large", words)


def _move(session: Session, sales: Sequence[Transaction], sign: int) -> None:
    """One row after another in one order for all, so that two who move the same ones never wait for each other."""
    session.flush()
    for key, moved in sorted(_together(sales, sign).items()):
        row = dict(zip((*_KEY, *_SUMMED), (*key, *moved), strict=True))
        upsert = inserting(session, MonthSum).values(row)
        grown = {name: getattr(MonthSum, name) + upsert.excluded[name] for name in _SUMMED}
        session.execute(upsert.on_conflict_do_update(index_elements=_KEY, set_=grown))
        if sign < 0:
            mine = (getattr(MonthSum, name) == row[name] for name in _KEY)
            session.execute(delete(MonthSum).where(*mine, MonthSum.sales == 0))


def _together(sales: Sequence[Transaction], sign: int) -> dict[tuple[Month, int, int], tuple[Any, ...]]:
    """What `sales` add to each row of the sums."""
    together: dict[tuple[Month, int, int], tuple[Any, ...]] = {}
    for sale in sales:
        key = (sale.month, sale.service_id, sale.revision_id)
        moved = (sign, sign * sale.quantity, sign * sale.revenue, sign * sale.cost)
        before = together.get(key)
        together[key] = tuple(map(add, before, moved)) if before else moved
    return together


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of the live sales of one revision of one offer in one month."""

    sales: int
    quantity: int
    revenue: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the kept sums are not what the sales add up to; None stands for no row."""

    month: Month
    service_id: int
    revision_id: int
    kept: Sums | None
    true: Sums | None


def check(session: Session) -> list[Difference]:
    """Every place where a kept sum differs from the sales themselves; empty when the books agree."""
    kept = _read(session, _as_kept())
    true = _read(session, _from_sales())
    wrong = sorted(key for key in kept.keys() | true.keys() if kept.get(key) != true.get(key))
    return [Difference(*key, kept.get(key), true.get(key)) for key in wrong]


def rebuild(session: Session) -> int:
    """Make all sums again from the sales, keeping new sales waiting meanwhile; returns how many rows there are now."""
    session.flush()
    if session.get_bind().dialect.name != "sqlite":  # there, whoever writes is alone already
        session.execute(text("LOCK TABLE month_sums IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(delete(MonthSum))
    session.execute(insert(MonthSum).from_select([*_KEY, *_SUMMED], _from_sales()))
    return session.scalar(select(func.count()).select_from(MonthSum)) or 0


def _read(
    session: Session, query: Select[Month, int, int, int, int, Decimal, Decimal]
) -> dict[tuple[Month, int, int], Sums]:
    return {
        (month, service, revision): Sums(sales, quantity, revenue, cost)
        for month, service, revision, sales, quantity, revenue, cost in session.execute(query).all()
    }


def _as_kept() -> Select[Month, int, int, int, int, Decimal, Decimal]:
    keys = (MonthSum.month, MonthSum.service_id, MonthSum.revision_id)
    return select(*keys, MonthSum.sales, MonthSum.quantity, MonthSum.revenue, MonthSum.cost)


def _from_sales() -> Select[Month, int, int, int, int, Decimal, Decimal]:
    keys = (Transaction.month, Transaction.service_id, Transaction.revision_id)
    return (
        select(
            *keys,
            func.count(),
            cast(func.sum(Transaction.quantity), BigInteger),
            type_coerce(cast(func.sum(Transaction.revenue), BigInteger), Amount()),
            type_coerce(cast(func.sum(Transaction.cost), BigInteger), Amount()),
        )
        .where(Transaction.voided_at.is_(None))
        .group_by(*keys)
    )
