"""Undo and restore: going back is a new revision too, and never over somebody else's later work."""

from typing import Any

from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.catalog import queries, revisions
from vela.domain.catalog.models import Component, Revision, RevisionLine, Service
from vela.domain.catalog.revisions import LINE_FIELDS, SERVICE_FIELDS, Change
from vela.domain.catalog.upkeep import finish, lock_service, place, renumber, take_name
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict
from vela.language import gettext as _


def undo(session: Session, actor: Actor, service_id: int, number: int) -> Revision:
    """Take back what revision `number` changed, leaving later changes of other fields alone.

    Raises Forbidden, NotFound; Conflict when one of its fields was changed again since, or it was the first revision.
    """
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    undone = queries.revision(session, service_id, number)
    if number == 1:
        raise Conflict(
            "first_revision",
            _("This is how the offer began. Archive the offer instead."),
        )
    before = queries.revision(session, service_id, number - 1)
    for change in _meaningful(revisions.differences(before, undone)):
        _take_back(session, service, before, change)
    return _finish(session, actor, service, "undo", undone)


def restore(session: Session, actor: Actor, service_id: int, number: int) -> Revision:
    """Make the offer as it stood in revision `number`, whatever came after. Raises Forbidden, NotFound, Conflict."""
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    wanted = queries.revision(session, service_id, number)
    for field in SERVICE_FIELDS:
        setattr(service, field, getattr(wanted, field))
    kept = {line.component_id for line in wanted.lines}
    for component in service.components:
        if component.id not in kept:
            component.removed_at = now()
    for line in wanted.lines:
        _put_back(session.get_one(Component, line.component_id), line)
    return _finish(session, actor, service, "restore", wanted)


def _meaningful(changes: list[Change]) -> list[Change]:
    """Positions that moved only because a neighbour came or went follow by themselves."""
    came_or_went = any(change.field in ("added", "removed") for change in changes)
    return [change for change in changes if not (came_or_went and change.field == "position")]


def _take_back(session: Session, service: Service, before: Revision, change: Change) -> None:
    if change.component_id is None:
        _check_untouched(getattr(service, change.field), change)
        setattr(service, change.field, change.before)
        return
    component = session.get_one(Component, change.component_id)
    if (component.removed_at is None) == (change.field == "removed"):
        raise _overtaken(change)
    if change.field == "added":
        component.removed_at = now()
    elif change.field == "removed":
        line = next(line for line in before.lines if line.component_id == component.id)
        _put_back(component, line)
        place(session, service, component, line.position)
    else:
        _check_untouched(getattr(component, change.field), change)
        setattr(component, change.field, change.before)
        component.version += change.field != "position"


def _check_untouched(current: Any, change: Change) -> None:
    if current != change.after:
        raise _overtaken(change)


def _overtaken(change: Change) -> Conflict:
    words = _(
        "%(what)s was changed again since, so this cannot be undone. Change it by hand.",
        what=change.subject,
    )
    return Conflict("overtaken", words, field=change.field, component_id=change.component_id)


def _put_back(component: Component, line: RevisionLine) -> None:
    values = {field: getattr(line, field) for field in LINE_FIELDS}
    if component.removed_at is None and all(getattr(component, field) == value for field, value in values.items()):
        return
    component.removed_at = None
    component.version += 1
    for field, value in values.items():
        setattr(component, field, value)


def _finish(session: Session, actor: Actor, service: Service, action: str, target: Revision) -> Revision:
    session.flush()
    session.expire(service, ["components"])
    renumber(service.components)
    take_name(session, service, service.name)
    return finish(session, actor, service, action, undoes=target)
