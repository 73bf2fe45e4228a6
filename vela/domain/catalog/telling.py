"""What webhooks are told of offers: a price that moved, before and after, for one unit."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.catalog.models import Revision
from vela.domain.catalog.pricing import Totals
from vela.domain.notifying.kinds import Kind
from vela.domain.notifying.outbox import announce
from vela.domain.workspace.settings import workspace


def tell_of_price(session: Session, before: Revision | None, revision: Revision) -> None:
    """Tell of an offer that costs or sells for something else than before, and of no other change of it."""
    if before is not None and before.totals != revision.totals:
        announce(session, Kind.PRICE_CHANGED, _told(session, before, revision))


def _told(session: Session, before: Revision, revision: Revision) -> Iterator[dict[str, Any]]:
    yield {
        "service_id": revision.service_id,
        "service_name": revision.name,
        "revision": revision.number,
        "action": revision.action,
        "before": _priced(before.totals),
        "after": _priced(revision.totals),
        "currency": workspace(session).currency,
        "changed_by": revision.author,
        "changed_at": revision.at,
    }


def _priced(totals: Totals) -> dict[str, Any]:
    return {
        "cost_price": totals.cost,
        "sell_price": totals.sell,
        "margin": totals.margin,
        "margin_pct": totals.margin_pct,
    }
