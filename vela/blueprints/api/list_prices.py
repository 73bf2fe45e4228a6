"""A service and its list price made to agree over JSON, from either side."""

from http import HTTPStatus

from flask import Response

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, permit
from vela.blueprints.api.reading import ServicePath
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.services import TAG, refuse_changed_since, shaped
from vela.domain.catalog import list_price
from vela.domain.catalog.upkeep import lock_service
from vela.domain.people.access import Act
from vela.shapes.offers import ComponentShape, ServiceShape


@call(
    "POST /services/<service_id>/list-at-sum",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
    takes_key=True,
)
def list_at_sum(path: ServicePath) -> Response:
    """Make what the components add up to the list price, whatever it is at that moment."""
    permit(Act.CHANGE_OFFERS)
    with creating() as (session, keep):
        refuse_changed_since(session, lock_service(session, path.service_id))
        service = list_price.list_at_sum(session, actor(), path.service_id)
        return keep(answer(shaped(session, service), version=service.version))


@call(
    "POST /services/<service_id>/discount-to-list",
    TAG,
    Answer(HTTPStatus.CREATED, ComponentShape, headers=("Location", "ETag")),
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
    takes_key=True,
)
def discount_to_list(path: ServicePath) -> Response:
    """Add an adjustment of the difference, a discount or a surcharge, so that the components add up to the list price.

    Without a list price, or when they add up to it already, it is 409 NO_GAP.
    """
    permit(Act.CHANGE_OFFERS)
    with creating() as (session, keep):
        refuse_changed_since(session, lock_service(session, path.service_id))
        component = list_price.discount_to_list(session, actor(), path.service_id)
        place = f"/api/components/{component.id}"
        return keep(answer(ComponentShape.of(component), HTTPStatus.CREATED, place=place, version=component.version))
