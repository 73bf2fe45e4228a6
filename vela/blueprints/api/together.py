"""Several components of a service changed at once over JSON: all of it as one revision, or nothing."""

import re
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, permit
from vela.blueprints.api.reading import ServicePath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.services import TAG, refuse_changed_since, shaped
from vela.domain.catalog import queries
from vela.domain.catalog.intake import ComponentChanges, NewComponent
from vela.domain.catalog.several import MOST_ROWS, apply_changes, read_rows
from vela.domain.catalog.upkeep import lock_service
from vela.domain.people.access import Act
from vela.errors import Invalid, Issue
from vela.intake import Identity, Version, Words
from vela.shapes.offers import ServiceShape

EXAMPLE = {
    "components": [
        {"id": 1, "unit_cost": 640, "version": 1},
        {"name": "Monitoring", "unit_cost": 20, "unit_sell": 60},
    ]
}


class ComponentByIdUpdate(ComponentChanges):
    """What to change of the component with this `id`; what is left out keeps its value."""

    id: Identity
    version: Version = 1


class ComponentRemoval(Words):
    """The component with this `id` is taken out."""

    id: Identity
    remove: Literal[True]
    version: Version = 1


class SeveralChanges(Words):
    """What to add, change and take out of the components of a service, in this order."""

    components: Annotated[list[NewComponent | ComponentByIdUpdate | ComponentRemoval], Field(max_length=MOST_ROWS)]


class SeveralRows(Words):
    """The same, each row to be understood by what it holds."""

    components: list[dict[str, Any]]


@call(
    "POST /services/<service_id>/changes",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    said=SeveralChanges,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
    takes_key=True,
)
def change_components(path: ServicePath) -> Response:
    """Change several components at once, in one revision that one undo takes back; when one cannot be, none is.

    A row with an `id` changes that component, or takes it out with `"remove": true`; one without adds a component.
    `version` in a row is the one you read of that component: a field that somebody else changed since is refused, 422,
    with a pointer to it.
    """
    permit(Act.CHANGE_OFFERS)
    words = body(SeveralRows)
    with creating(words) as (session, keep):
        refuse_changed_since(session, lock_service(session, path.service_id))
        try:
            apply_changes(session, actor(), path.service_id, read_rows(words.components, typed=True))
        except Invalid as refusal:
            raise Invalid(*map(_in_this_body, refusal.issues)) from None
        session.expire_all()
        service = queries.service(session, path.service_id)
        return keep(answer(shaped(session, service), version=service.version))


def _in_this_body(issue: Issue) -> Issue:
    """A complaint about a row, under its place in what was sent: rows[3].name becomes components.3.name."""
    place = re.sub(r"^rows\[(\d+)\]", r"components.\1", issue.field)
    return Issue(place, issue.code, issue.message)
