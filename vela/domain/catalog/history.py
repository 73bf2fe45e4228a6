"""What an offer cost and sold for over time, from its revisions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.domain.catalog.models import Revision
from vela.domain.catalog.pricing import Totals


@dataclass(frozen=True, slots=True)
class PricePoint:
    """From `at` on, when it had its `revision` of that number, the offer added up to `totals`."""

    at: datetime
    totals: Totals
    revision: int


def price_points(session: Session, service_id: int, since: datetime) -> list[PricePoint]:
    """Each change of an offer's cost or price from `since` on, oldest first, after what held at `since`."""
    columns = select(Revision.at, Revision.cost, Revision.sell, Revision.number).where(
        Revision.service_id == service_id
    )
    held = session.execute(columns.where(Revision.at < since).order_by(Revision.number.desc()).limit(1)).all()
    later = session.execute(columns.where(Revision.at >= since).order_by(Revision.number)).all()
    points: list[PricePoint] = []
    for at, cost, sell, number in [*held, *later]:
        totals = Totals(cost, sell)
        if not points or points[-1].totals != totals:
            points.append(PricePoint(at, totals, number))
    return points
