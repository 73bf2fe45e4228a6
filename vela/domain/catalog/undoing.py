"""Undo and restore: going back is a new revision too, and never over somebody else's later work."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.catalog import queries, revisions
from vela.domain.catalog.models import ADJUSTMENT, Component, Revision, RevisionLine, Service
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
        raise first_revision()
    before = queries.revision(session, service_id, number - 1)
    if number == service.version:
        _become(session, service, before)
    else:
        _take_back(session, service, before, undone)
    return _finish(session, actor, service, "undo", undone)


def first_revision() -> Conflict:
    """The refusal to take back the beginning of an offer."""
    return Conflict("first_revision", _("This is how the offer began. Archive the offer instead."))


def restore(session: Session, actor: Actor, service_id: int, number: int) -> Revision:
    """Make the offer as it stood in revision `number`, whatever came after. Raises Forbidden, NotFound, Conflict."""
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    wanted = queries.revision(session, service_id, number)
    _become(session, service, wanted)
    return _finish(session, actor, service, "restore", wanted)


def _become(session: Session, service: Service, wanted: Revision) -> None:
    take_name(session, service, wanted.name)
    for field in SERVICE_FIELDS:
        setattr(service, field, getattr(wanted, field))
    components = _ever_had(session, service)
    lines = {line.component_id: line for line in wanted.lines}
    for component in components.values():
        if component.id in lines:
            _put_back(component, lines[component.id])
        elif component.removed_at is None:
            component.removed_at = now()


def _ever_had(session: Session, service: Service) -> dict[int, Component]:
    """Every component of the offer by id, removed ones too, as they stand now."""
    mine = select(Component).where(Component.service_id == service.id).order_by(Component.id)
    return {each.id: each for each in session.scalars(mine.execution_options(populate_existing=True))}


def _take_back(session: Session, service: Service, before: Revision, undone: Revision) -> None:
    components = _ever_had(session, service)
    returned: list[Component] = []
    for change in _meaningful(revisions.differences(before, undone)):
        if change.component_id is None:
            _take_back_field(session, service, change)
            continue
        component = components[change.component_id]
        if (component.removed_at is None) == (change.field == "removed"):
            raise _overtaken(change)
        if change.field == "added":
            _check_untouched(component.version, _line(undone, component).version, change)
            component.removed_at = now()
        elif change.field == "removed":
            _put_back(component, _line(before, component))
            returned.append(component)
        else:
            _check_untouched(getattr(component, change.field), change.after, change)
            setattr(component, change.field, change.before)
            component.version += change.field != "position"
    _check_signs(components.values())
    for component in returned:
        place(session, service, component, component.position)


def _line(revision: Revision, component: Component) -> RevisionLine:
    return next(line for line in revision.lines if line.component_id == component.id)


def _take_back_field(session: Session, service: Service, change: Change) -> None:
    _check_untouched(getattr(service, change.field), change.after, change)
    if change.field == "name":
        take_name(session, service, change.before)
    setattr(service, change.field, change.before)


def _meaningful(changes: list[Change]) -> list[Change]:
    """Positions that moved only because a neighbour came or went follow by themselves."""
    came_or_went = any(change.field in ("added", "removed") for change in changes)
    return [change for change in changes if not (came_or_went and change.field == "position")]


def _check_untouched(current: Any, left: Any, change: Change) -> None:
    if current != left:
        raise _overtaken(change)


def _check_signs(components: Iterable[Component]) -> None:
    """A kind and a price that were changed in turn may no longer go together when only one of them is taken back."""
    for component in components:
        if component.kind != ADJUSTMENT and min(component.unit_cost, component.unit_sell) < 0:
            raise _overtaken(Change(component.id, component.name, "kind", None, component.kind))


def _overtaken(change: Change) -> Conflict:
    words = _(
        "%(what)s was changed again since, so this cannot be undone. Change it by hand.",
        what=change.subject,
    )
    return Conflict("overtaken", words, field=change.field, component_id=change.component_id)


def _put_back(component: Component, line: RevisionLine) -> None:
    changed = [field for field in LINE_FIELDS if getattr(component, field) != getattr(line, field)]
    if component.removed_at is not None or set(changed) - {"position"}:
        component.version += 1
    component.removed_at = None
    for field in changed:
        setattr(component, field, getattr(line, field))


def _finish(session: Session, actor: Actor, service: Service, action: str, target: Revision) -> Revision:
    session.flush()
    session.expire(service, ["components"])
    renumber(service.components)
    return finish(session, actor, service, action, undoes=target)
