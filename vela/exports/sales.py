"""Sales to be taken away: all that are wanted, in their order."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.ledger import listing
from vela.domain.ledger.listing import Sold, Wanted
from vela.exports.making import Export
from vela.sheets.headings import SALES, Filled, Row

ORDER, FALLING = "added", True  # unless another order is asked for


def sales(session: Session, wanted: Wanted, *, order: str = ORDER, falling: bool = FALLING) -> Export:
    """The wanted sales, ordered by one of listing.ORDERS; not one page of them, all."""
    span = wanted.span
    name = f"transactions-{span.period or f'{span.first}-to-{span.last}'}"
    sold = listing.all_sales(session, wanted, order=order, falling=falling)
    return Export(name, Filled(SALES, _rows(sold)), narrowed(wanted, order, falling=falling))


def narrowed(wanted: Wanted, order: str, *, falling: bool) -> dict[str, Any]:
    """What a list of sales is narrowed and ordered by, in the words of an address; the usual order goes unsaid."""
    sort = "" if (order, falling) == (ORDER, FALLING) else ("-" if falling else "") + order
    return {name: value for name, value in (said(wanted) | {"sort": sort}).items() if value}


def said(wanted: Wanted) -> dict[str, Any]:
    """How an address says which sales are wanted."""
    months = {"from": wanted.month, "to": wanted.until} if wanted.until else {"month": wanted.month}
    return {name: str(month) for name, month in months.items()} | {
        "offer": wanted.service_id,
        "revision": wanted.revision,
        "part": wanted.part and "{}-{}".format(*wanted.part),
        "q": wanted.notes,
        "by": wanted.by,
        "voided": 1 if wanted.voided else None,
    }


def _rows(sold: Iterable[Sold]) -> Iterator[Row]:
    for each in sold:
        figures = (each.totals.sell, each.totals.cost, each.totals.margin, each.totals.margin_pct)
        who_and_when = (each.created_by, each.created_at, each.voided_by, each.voided_at)
        last = (each.revision, each.sample, each.id)
        yield each.month, each.offer, each.quantity, each.notes, *figures, *who_and_when, *last
