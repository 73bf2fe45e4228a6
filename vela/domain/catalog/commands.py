"""Changing offers: every act here leaves a new revision, or refuses and leaves nothing."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.catalog.intake import ComponentChanges, NewComponent, NewService, ServiceChanges
from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.staleness import (
    refuse_stale_component,
    refuse_stale_removal,
    refuse_stale_service,
)
from vela.domain.catalog.upkeep import (
    check_prices,
    finish,
    lock_component,
    lock_service,
    place,
    renumber,
    take_name,
)
from vela.domain.people.access import Act, Actor, require


def create_service(session: Session, actor: Actor, words: NewService) -> Service:
    """A new offer with the components it starts with.

    Raises Forbidden; Conflict when the name is taken; Invalid when a price does not fit its kind or the sum is absurd.
    """
    require(actor, Act.CHANGE_OFFERS)
    moment = now()
    service = Service(
        version=0,
        created_at=moment,
        updated_at=moment,
        **_fields_of(words, "components"),
    )
    take_name(session, service, words.name)
    for index, line in enumerate(words.components):
        check_prices(line.kind, line.unit_cost, line.unit_sell, prefix=f"components.{index}.")
        session.add(new_component(service, line, index + 1))
    finish(session, actor, service, "create")
    return service


def change_service(
    session: Session,
    actor: Actor,
    service_id: int,
    words: ServiceChanges,
    *,
    version: int | None = None,
) -> Service:
    """Rename, describe, list, aim, deactivate or reactivate an offer.

    `version` is the one the caller read: a field that somebody else has changed since is not overwritten.
    Raises Forbidden, NotFound, Stale; Conflict when the name is taken.
    """
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    if take_over(session, service, words, version):
        finish(session, actor, service, "change")
    return service


def take_over(session: Session, service: Service, words: ServiceChanges, version: int | None) -> bool:
    """Change `service`, which is held, by what was said of it, and say whether anything was new; see `change_service`.

    Whoever calls this writes the revision down.
    """
    changes = real_changes(service, words.said())
    refuse_stale_service(session, service, changes, version)
    if "name" in changes:
        take_name(session, service, changes["name"])
    for field, value in changes.items():
        setattr(service, field, value)
    return bool(changes)


def deactivate(session: Session, actor: Actor, service_id: int) -> Service:
    """Stop selling an offer; its history and its figures stay. Raises Forbidden, NotFound."""
    return change_service(session, actor, service_id, ServiceChanges(active=False))


def activate(session: Session, actor: Actor, service_id: int) -> Service:
    """Sell an offer again. Raises Forbidden, NotFound."""
    return change_service(session, actor, service_id, ServiceChanges(active=True))


def add_component(session: Session, actor: Actor, service_id: int, words: NewComponent) -> Component:
    """Add a line to an offer, at `position` or at the end.

    Raises Forbidden, NotFound; Invalid when a price does not fit the kind; Conflict when the offer has too many lines,
    or would cost too much or less than 0.
    """
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    check_prices(words.kind, words.unit_cost, words.unit_sell)
    component = new_component(service, words, len(service.components) + 1)
    session.add(component)
    session.flush()
    if words.position is not None:
        place(session, service, component, words.position)
    finish(session, actor, service, "add component")
    return component


def revise_component(
    session: Session,
    actor: Actor,
    component_id: int,
    words: ComponentChanges,
    *,
    version: int | None = None,
) -> Component:
    """Change what was said of a component; a change of position moves it among the others.

    `version` is the one the caller read: a field that somebody else has changed since is not overwritten.
    Raises Forbidden, NotFound, Stale; Invalid when a price does not fit the kind.
    """
    require(actor, Act.CHANGE_OFFERS)
    component = lock_component(session, component_id)
    changes = real_changes(component, words.said())
    if not changes:
        return component
    refuse_stale_component(session, component, changes, version)
    position = changes.pop("position", None)
    check_prices(*(changes.get(field, getattr(component, field)) for field in ("kind", "unit_cost", "unit_sell")))
    for field, value in changes.items():
        setattr(component, field, value)
    if changes:
        component.version += 1
    if position is not None:
        place(session, component.service, component, position)
    finish(
        session,
        actor,
        component.service,
        "reprice" if set(changes) & _PRICES else "change component",
    )
    return component


_PRICES = {"quantity", "unit_cost", "unit_sell"}


def remove_component(session: Session, actor: Actor, component_id: int, *, version: int | None = None) -> Component:
    """Take a line out of an offer; it stays in the revisions, and undo brings it back.

    Raises Forbidden, NotFound; Stale when somebody changed it since `version`.
    """
    require(actor, Act.CHANGE_OFFERS)
    component = lock_component(session, component_id)
    refuse_stale_removal(session, component, version)
    component.removed_at = now()
    service = component.service
    session.flush()
    session.expire(service, ["components"])
    renumber(service.components)
    finish(session, actor, service, "remove component")
    return component


def _fields_of(words: NewService | NewComponent, *but: str) -> dict[str, Any]:
    return {name: getattr(words, name) for name in type(words).model_fields if name not in but}


def new_component(service: Service, words: NewComponent, position: int) -> Component:
    """A component of `service` as it was said, to be added to the session."""
    return Component(
        service_id=service.id,
        position=position,
        version=1,
        **_fields_of(words, "position"),
    )


def real_changes(thing: Service | Component, said: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was said, only that which is not so already."""
    return {field: value for field, value in said.items() if getattr(thing, field) != value}
