"""The components of an offer: adding, changing, moving and removing them."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.offers.looking import everything, saved
from vela.blueprints.web.offers.refusing import refused_in_place
from vela.blueprints.web.offers.typed import COMPONENT_NUMBERS, typed, version_seen
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.domain.catalog import commands, queries
from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.catalog.models import Component, Service
from vela.domain.people.access import Act, require
from vela.errors import NotFound
from vela.intake import Position, Words, read


class Place(Words):
    """Where a component shall stand among the others; 1 is first."""

    position: Position


@pages.post("/offers/<int:offer_id>/components")
@refused_in_place
def add_component(offer_id: int) -> Response:
    """A new line at the end of an offer."""
    with once(Act.CHANGE_OFFERS) as session:
        words = read(NewComponent, typed(COMPONENT_NUMBERS))
        component = commands.add_component(session, actor(), offer_id, words)
        return _changed(session, "offers/component_added.html", component.service, component)


@pages.patch("/offers/<int:offer_id>/components/<int:component_id>")
@pages.post("/offers/<int:offer_id>/components/<int:component_id>")
@refused_in_place
def revise_component(offer_id: int, component_id: int) -> Response:
    """Change what the form holds of a component: one cell, or without script its whole row."""
    with database().transaction() as session:
        was = _component(session, offer_id, component_id).service.version
        words = read(ComponentChanges, typed(COMPONENT_NUMBERS))
        component = commands.revise_component(session, actor(), component_id, words, version=version_seen())
        return _changed(
            session,
            "offers/component_revised.html",
            component.service,
            component,
            said=sorted(words.model_fields_set),
            changed=component.service.version != was,
        )


@pages.delete("/offers/<int:offer_id>/components/<int:component_id>")
@pages.post("/offers/<int:offer_id>/components/<int:component_id>/remove")
@refused_in_place
def remove_component(offer_id: int, component_id: int) -> Response:
    """Take a line out of an offer; Undo brings it back."""
    with database().transaction() as session:
        component = _component(session, offer_id, component_id)
        commands.remove_component(session, actor(), component_id, version=version_seen())
        return _changed(session, "offers/component_removed.html", component.service, component)


@pages.post("/offers/<int:offer_id>/components/<int:component_id>/move")
@refused_in_place
def move_component(offer_id: int, component_id: int) -> Response:
    """Put a line at another position."""
    with database().transaction() as session:
        was = _component(session, offer_id, component_id).service.version
        position = read(Place, {"position": request.form.get("position", "")}).position
        component = commands.revise_component(session, actor(), component_id, ComponentChanges(position=position))
        changed = component.service.version != was
        return _changed(session, "offers/component_moved.html", component.service, component, changed=changed)


def _component(session: Session, offer_id: int, component_id: int) -> Component:
    """A component of this very offer. Raises NotFound; Forbidden to whoever may not change it."""
    require(actor(), Act.CHANGE_OFFERS)
    found = queries.component(session, component_id)
    if found.service_id != offer_id:
        raise NotFound("component", component_id)
    return found


def _changed(session: Session, template: str, offer: Service, component: Component, **more: Any) -> Response:
    context = everything(session, offer, made=more.get("changed", True))
    return done(session, template, f"/offers/{offer.id}", words=saved(context), component=component, **context, **more)
