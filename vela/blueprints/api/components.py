"""Components over JSON: the lines that a service is priced from."""

from http import HTTPStatus

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.reading import ComponentPath, ServicePath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.domain.catalog import commands, queries, revisions
from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.catalog.models import Component
from vela.domain.catalog.upkeep import lock_component
from vela.domain.people.access import Act
from vela.shapes.offers import ComponentShape

TAG = "Components"
EXAMPLE = {"name": "SSD (256GB)", "unit_cost": 400, "unit_sell": 700, "quantity": 1, "notes": "NVMe"}


class ComponentUpdate(Versioned, ComponentChanges):
    """What to change of a component; what is left out keeps its value."""


def _held(session: Session, component_id: int) -> Component:
    """The component, kept from other writers. Raises NotFound; Stale when If-Match names another version."""
    component = lock_component(session, component_id)
    made = revisions.who_made(session, component.id, component.version)
    refuse_unmatched(component.version, made.author if made else None, made.at if made else None)
    return component


@call(
    "GET /services/<service_id>/components",
    TAG,
    Answer(model=ComponentShape, many=True, headers=("X-Total-Count",)),
    refuses=(404,),
)
def list_components(path: ServicePath) -> Response:
    """The components of a service, in their order."""
    with database().reading() as session:
        service = queries.service(session, path.service_id)
        return listing([ComponentShape.of(component) for component in service.components])


@call(
    "POST /services/<service_id>/components",
    TAG,
    Answer(HTTPStatus.CREATED, ComponentShape, headers=("Location", "ETag")),
    said=NewComponent,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def add_component(path: ServicePath) -> Response:
    """Add a component, at `position` or at the end; the prices of the service follow."""
    permit(Act.CHANGE_OFFERS)
    words = body(NewComponent)
    with creating(words) as (session, keep):
        component = commands.add_component(session, actor(), path.service_id, words)
        place = f"/api/components/{component.id}"
        return keep(answer(ComponentShape.of(component), HTTPStatus.CREATED, place=place, version=component.version))


@call("GET /components/<component_id>", TAG, Answer(model=ComponentShape, headers=("ETag",)), refuses=(404,))
def get_component(path: ComponentPath) -> Response:
    """One component."""
    with database().reading() as session:
        component = queries.component(session, path.component_id)
        return answer(ComponentShape.of(component), version=component.version)


@call(
    "PUT /components/<component_id>",
    TAG,
    Answer(model=ComponentShape, headers=("ETag",)),
    said=ComponentUpdate,
    example={"unit_cost": 640, "version": 1},
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def change_component(path: ComponentPath) -> Response:
    """Change what was sent of a component; what is left out keeps its value. The prices of the service follow."""
    permit(Act.CHANGE_OFFERS)
    words = body(ComponentUpdate)
    with database().transaction() as session:
        held = _held(session, path.component_id)
        component = commands.revise_component(session, actor(), held.id, words, version=words.read_version)
        return answer(ComponentShape.of(component), version=component.version)


@call(
    "DELETE /components/<component_id>",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Removed"),
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def remove_component(path: ComponentPath) -> Response:
    """Take a component out of its service, whose prices follow; undoing the revision brings it back."""
    permit(Act.CHANGE_OFFERS)
    with database().transaction() as session:
        commands.remove_component(session, actor(), _held(session, path.component_id).id)
        return nothing()
