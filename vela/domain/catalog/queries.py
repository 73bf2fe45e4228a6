"""Finding services, components and revisions."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from vela.db import find
from vela.domain.catalog.models import Component, Revision, Service
from vela.domain.catalog.revisions import numbered
from vela.errors import NotFound


def services(
    session: Session,
    *,
    include_inactive: bool = False,
    since: datetime | None = None,
    after: int | None = None,
    most: int | None = None,
) -> list[Service]:
    """Offers in the order they were made; with `after`, only those with a higher id.

    With `since`, only those whose latest revision is of that moment or later.
    """
    query = select(Service).where(*_asked_for(since, include_inactive=include_inactive)).order_by(Service.id)
    if after is not None:
        query = query.where(Service.id > after)
    return list(session.scalars(query.limit(most)))


def how_many_services(session: Session, *, include_inactive: bool = False, since: datetime | None = None) -> int:
    """How many offers `services` finds, on all pages."""
    conditions = _asked_for(since, include_inactive=include_inactive)
    return session.scalar(select(func.count(Service.id)).where(*conditions)) or 0


def _asked_for(since: datetime | None, *, include_inactive: bool) -> Iterator[ColumnElement[bool]]:
    if not include_inactive:
        yield Service.active.is_(True)
    if since is not None:
        yield Service.updated_at >= since


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


def how_many_revisions(session: Session, service_id: int) -> int:
    """How many revisions an offer has."""
    return session.scalar(select(func.count(Revision.id)).where(Revision.service_id == service_id)) or 0


def numbers_of(session: Session, revision_ids: Collection[int]) -> dict[int, int]:
    """The numbers of some revisions, by id."""
    rows = session.execute(select(Revision.id, Revision.number).where(Revision.id.in_(revision_ids)))
    return {row.id: row.number for row in rows}


def revision(session: Session, service_id: int, number: int) -> Revision:
    """One revision of an offer by its number. Raises NotFound."""
    found = numbered(session, service_id, number)
    if found is None:
        raise NotFound("revision", number)
    return found
