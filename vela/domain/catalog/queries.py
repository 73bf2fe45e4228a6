"""Finding services, components and revisions."""

from collections.abc import Collection

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from vela.db import find
from vela.domain.catalog.models import Component, Revision, Service
from vela.domain.catalog.revisions import numbered
from vela.errors import NotFound


def services(session: Session, *, include_inactive: bool = False) -> list[Service]:
    """Offers in the order they were made."""
    query = select(Service).order_by(Service.id)
    return list(session.scalars(query if include_inactive else query.where(Service.active)))


def service(session: Session, service_id: int) -> Service:
    """One offer, active or not. Raises NotFound."""
    found = find(session, Service, service_id)
    if found is None:
        raise NotFound("service", service_id)
    return found


def component(session: Session, component_id: int) -> Component:
    """One component that has not been removed. Raises NotFound."""
    found = find(session, Component, component_id)
    if found is None or found.removed_at is not None:
        raise NotFound("component", component_id)
    return found


def revisions(
    session: Session, service_id: int, *, most: int | None = None, before: int | None = None, prices: bool = False
) -> list[Revision]:
    """The revisions of an offer, newest first; with `before`, only those with a lower number.

    With `prices`, only the first and those in which it costs or sells for something else than in the one before.
    """
    query = select(Revision).where(Revision.service_id == service_id).order_by(Revision.number.desc())
    if prices:
        earlier = aliased(Revision)
        preceding = and_(earlier.service_id == Revision.service_id, earlier.number == Revision.number - 1)
        moved = or_(earlier.id.is_(None), earlier.cost != Revision.cost, earlier.sell != Revision.sell)
        query = query.outerjoin(earlier, preceding).where(moved)
    if before is not None:
        query = query.where(Revision.number < before)
    return list(session.scalars(query if most is None else query.limit(most)))


def revisions_numbered(session: Session, service_id: int, numbers: Collection[int]) -> dict[int, Revision]:
    """Some revisions of an offer by their numbers; those that there are."""
    mine = select(Revision).where(Revision.service_id == service_id, Revision.number.in_(numbers))
    return {found.number: found for found in session.scalars(mine)}


def revision(session: Session, service_id: int, number: int) -> Revision:
    """One revision of an offer by its number. Raises NotFound."""
    found = numbered(session, service_id, number)
    if found is None:
        raise NotFound("revision", number)
    return found
