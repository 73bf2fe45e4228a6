"""Finding services, components and revisions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

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
    session: Session, service_id: int, *, most: int | None = None, before: int | None = None
) -> list[Revision]:
    """The revisions of an offer, newest first; with `before`, only those with a lower number."""
    query = select(Revision).where(Revision.service_id == service_id).order_by(Revision.number.desc())
    if before is not None:
        query = query.where(Revision.number < before)
    return list(session.scalars(query if most is None else query.limit(most)))


def revision(session: Session, service_id: int, number: int) -> Revision:
    """One revision of an offer by its number. Raises NotFound."""
    found = numbered(session, service_id, number)
    if found is None:
        raise NotFound("revision", number)
    return found
