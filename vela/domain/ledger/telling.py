"""What webhooks are told of sales and closed months: the figures that the API answers with."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.ledger.models import ClosedMonth, Transaction
from vela.domain.notifying.kinds import Kind
from vela.domain.notifying.outbox import announce
from vela.domain.workspace.settings import workspace


def tell_of_sales(session: Session, kind: Kind, sales: Iterable[Transaction]) -> None:
    """These sales were recorded, voided or counted again. Nobody is told of samples, which are no sales."""
    announce(session, kind, _told(session, [sale for sale in sales if not sale.sample]))


def _told(session: Session, sales: list[Transaction]) -> Iterator[dict[str, Any]]:
    currency = workspace(session).currency
    for sale in sales:
        yield {
            "id": sale.id,
            "service_id": sale.service_id,
            "service_name": sale.service.name,
            "quantity": sale.quantity,
            "month": sale.month,
            "notes": sale.notes,
            "revenue": sale.revenue,
            "cost": sale.cost,
            "margin": sale.totals.margin,
            "margin_pct": sale.totals.margin_pct,
            "currency": currency,
            "created_by": sale.created_by,
            "created_at": sale.created_at,
            "sample": sale.sample,
            "voided_at": sale.voided_at,
            "voided_by": sale.voided_by,
        }


def tell_of_closing(session: Session, closed: ClosedMonth) -> None:
    """A month was closed, with the figures that were written down."""
    announce(session, Kind.CLOSED, (_figures(session, each) for each in (closed,)))


def tell_of_reopening(session: Session, closed: ClosedMonth, by: str, reason: str) -> None:
    """A month was reopened: what it had been closed with, and by whom it was reopened and why."""
    told = (_figures(session, each) | {"reopened_by": by, "reopened_because": reason} for each in (closed,))
    announce(session, Kind.REOPENED, told)


def _figures(session: Session, closed: ClosedMonth) -> dict[str, Any]:
    return {
        "month": closed.month,
        "sales": closed.sales,
        "revenue": closed.revenue,
        "cost": closed.cost,
        "opex": closed.opex,
        "currency": workspace(session).currency,
        "closed_at": closed.closed_at,
        "closed_by": closed.closed_by,
        "reason": closed.reason,
    }
