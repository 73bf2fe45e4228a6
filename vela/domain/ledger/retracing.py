"""The books made again from the trail: what every sale, expense and closed month was last said to be.

Sums that agree with the sales prove nothing about a sale that was taken out, put in or voided together with them. The
trail, which is chained, says what was done; whatever stands in the books has to follow from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.domain.audit import trail
from vela.domain.ledger.models import ClosedMonth, OperatingExpense, Transaction

Stand = dict[str, Any]
SALE_FIELDS = ("service_id", "revision_id", "quantity", "month", "notes", "revenue", "cost")
EXPENSE_FIELDS = ("name", "amount", "first_month", "last_month", "notes")
MONTH_FIELDS = ("month", "sales", "revenue", "cost", "opex", "reason")
AMOUNTS = {"revenue", "cost", "amount", "opex"}
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Untold:
    """Something that the trail does not explain: what it is, as it is kept, and as it was told; None for nothing."""

    kind: str
    identity: str
    kept: Stand | None
    told: Stand | None


def untold(session: Session) -> Iterator[Untold]:
    """Everything in the books that the trail does not explain; nothing when the books can be trusted."""
    yield from _odds("sale", _sales_kept(session), _sales_told(session))
    yield from _odds("expense", _expenses_kept(session), _expenses_told(session))
    yield from _odds("month", _months_kept(session), _months_told(session))


def _odds(kind: str, kept: Mapping[Any, Stand], told: Mapping[Any, Stand]) -> Iterator[Untold]:
    for identity in sorted(kept.keys() | told.keys()):
        if kept.get(identity) != told.get(identity):
            yield Untold(kind, str(identity), kept.get(identity), told.get(identity))


def _sales_kept(session: Session) -> dict[int, Stand]:
    columns = [getattr(Transaction, field) for field in SALE_FIELDS]
    query = select(Transaction.id, Transaction.voided_at, *columns).execution_options(yield_per=BATCH)
    kept: dict[int, Stand] = {}
    with session.execute(query) as rows:
        for identity, voided_at, *values in rows:
            said = _exact(trail.plain(dict(zip(SALE_FIELDS, values, strict=True))))
            kept[identity] = said | {"voided": voided_at is not None}
    return kept


def _sales_told(session: Session) -> dict[int, Stand]:
    told: dict[int, Stand] = {}
    for entry in trail.told(session, "transaction"):
        match entry.action:
            case "record sale":
                told[entry.subject_id] = _only(SALE_FIELDS, entry.after) | {"voided": False}
            case "void sale" | "reinstate sale" if entry.subject_id in told:
                told[entry.subject_id]["voided"] = entry.action == "void sale"
            case "clear samples":
                _clear(session, told, entry.before)
            case _:
                pass
    return told


def _clear(session: Session, told: dict[int, Stand], before: Stand) -> None:
    """Forget the samples that were cleared; an entry of the first version named only how many they were."""
    cleared = before.get("ids")
    if cleared is None:
        there = set(session.scalars(select(Transaction.id)))
        cleared = [identity for identity in told if identity not in there]
    for identity in cleared:
        told.pop(identity, None)


def _expenses_kept(session: Session) -> dict[int, Stand]:
    return {
        each.id: _exact(trail.plain({field: getattr(each, field) for field in EXPENSE_FIELDS}))
        | {"removed": each.removed_at is not None}
        for each in session.scalars(select(OperatingExpense))
    }


def _expenses_told(session: Session) -> dict[int, Stand]:
    told: dict[int, Stand] = {}
    for entry in trail.told(session, "expense"):
        said = _only(EXPENSE_FIELDS, entry.after or entry.before)
        told[entry.subject_id] = said | {"removed": entry.action == "remove expense"}
    return told


def _months_kept(session: Session) -> dict[str, Stand]:
    return {
        str(each.month): _exact(trail.plain({field: getattr(each, field) for field in MONTH_FIELDS}))
        for each in session.scalars(select(ClosedMonth))
    }


def _months_told(session: Session) -> dict[str, Stand]:
    told: dict[str, Stand] = {}
    for entry in trail.told(session, "month"):
        if entry.action == "close month":
            told[entry.after["month"]] = _only(MONTH_FIELDS, entry.after)
        else:
            told.pop(entry.before["month"], None)
    return told


def _only(fields: tuple[str, ...], said: Stand) -> Stand:
    return _exact({field: said.get(field) for field in fields})


def _exact(said: Stand) -> Stand:
    """Amounts as decimals, for 800 and 800.00 are the same."""
    return {field: Decimal(value) if field in AMOUNTS and value is not None else value for field, value in said.items()}
