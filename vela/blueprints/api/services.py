"""Offers over JSON, under the name they have here: services."""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import Moment, ParameterFlag, ServicePath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.domain.catalog import commands, queries, revisions
from vela.domain.catalog.intake import NewService, ServiceChanges
from vela.domain.catalog.models import Service
from vela.domain.catalog.staleness import stale
from vela.domain.catalog.upkeep import lock_service
from vela.domain.people.access import Act
from vela.domain.workspace.settings import workspace
from vela.errors import invalid
from vela.language import gettext as _
from vela.shapes.offers import ServiceShape

TAG = "Services"
EXAMPLE = {
    "name": "Atlas",
    "description": "1TB Storage",
    "list_cost": 2000,
    "list_sell": 4000,
    "components": [
        {"name": "HDD (1TB)", "unit_cost": 600, "unit_sell": 1000},
        {"name": "RAM (16GB)", "unit_cost": 300, "unit_sell": 500, "quantity": 2, "group": "Hardware"},
    ],
}


class ServicesQuery(PageQuery):
    """Which services to list, and which part of the list."""

    include_inactive: ParameterFlag = False
    updated_since: Annotated[
        Moment, Field(description="Only what has a revision of then or later; deactivated services too.")
    ] = None

    @property
    def with_inactive(self) -> bool:
        """Whether deactivated ones are wanted: as it was said, or because deactivating is a change, too."""
        return self.include_inactive if "include_inactive" in self.model_fields_set else self.updated_since is not None


class ServiceUpdate(Versioned, ServiceChanges):
    """What to change of a service; what is left out keeps its value, null clears a list price or the target.

    Components have calls of their own; here they may only be sent back as they were read.
    """

    components: SkipJsonSchema[list[dict[str, Any]]] = Field(default_factory=list[dict[str, Any]])

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in super().said().items() if name != "components"}


def shaped(session: Session, service: Service) -> ServiceShape:
    """A service as it is answered."""
    return ServiceShape.of(service, workspace(session).currency)


def refuse_changed_since(session: Session, service: Service) -> None:
    """Raises Stale when If-Match was sent and `service` is at another version."""
    made = revisions.latest(session, service.id)
    refuse_unmatched(service.version, made.author if made else None, made.at if made else None)


@call("GET /services", TAG, Answer(model=ServiceShape, many=True, headers=PAGED))
def list_services(query: ServicesQuery) -> Response:
    """All services with their components; deactivated ones only when asked for. With `limit`, a page of them.

    With `updated_since` whatever changed since then, so that nobody has to fetch everything again.
    """
    wanted: dict[str, Any] = {"include_inactive": query.with_inactive, "since": query.updated_since}
    with database().reading() as session:
        found = queries.services(session, **wanted, after=query.cursor, most=query.most)
        page, total = query.page(found, lambda service: service.id), queries.how_many_services(session, **wanted)
        return listing([shaped(session, service) for service in page.things], total, page.following)


@call("GET /services/<service_id>", TAG, Answer(model=ServiceShape, headers=("ETag",)), refuses=(404,))
def get_service(path: ServicePath) -> Response:
    """One service with its components, active or not."""
    with database().reading() as session:
        service = queries.service(session, path.service_id)
        return answer(shaped(session, service), version=service.version)


@call(
    "POST /services",
    TAG,
    Answer(HTTPStatus.CREATED, ServiceShape, headers=("Location", "ETag")),
    said=NewService,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def create_service() -> Response:
    """A new service, with the components it starts with; its prices are computed from them."""
    permit(Act.CHANGE_OFFERS)
    words = body(NewService)
    with creating(words) as (session, keep):
        service = commands.create_service(session, actor(), words)
        place = f"/api/services/{service.id}"
        return keep(answer(shaped(session, service), HTTPStatus.CREATED, place=place, version=service.version))


@call(
    "PUT /services/<service_id>",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    said=ServiceUpdate,
    example={"list_sell": 4000, "version": 1},
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def change_service(path: ServicePath) -> Response:
    """Rename, describe, list, aim, deactivate or reactivate a service; what is left out keeps its value."""
    permit(Act.CHANGE_OFFERS)
    words = body(ServiceUpdate)
    with database().transaction() as session:
        service = lock_service(session, path.service_id)
        refuse_changed_since(session, service)
        _refuse_other_components(session, service, words)
        service = commands.change_service(session, actor(), service.id, words, version=words.read_version)
        return answer(shaped(session, service), version=service.version)


def _refuse_other_components(session: Session, service: Service, words: ServiceUpdate) -> None:
    """Raises Invalid unless the components, when sent, are what GET gave; Stale when they were that once."""
    if "components" not in words.model_fields_set:
        return
    held = json.loads(shaped(session, service).model_dump_json(), parse_float=Decimal)["components"]
    if words.components == held:
        return
    if words.read_version is not None and words.read_version < service.version:
        raise stale(revisions.latest(session, service.id), service.version, "components", None, None)
    said = _("Components are changed at /api/components/ID and added at /api/services/ID/components. Leave this out.")
    raise invalid("components", "elsewhere", said)


@call(
    "DELETE /services/<service_id>",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    refuses=(*NEEDS_RIGHTS, 404, 412),
)
def deactivate_service(path: ServicePath) -> Response:
    """Stop selling a service. It stays readable, and so do its sales and every figure."""
    permit(Act.CHANGE_OFFERS)
    with database().transaction() as session:
        refuse_changed_since(session, lock_service(session, path.service_id))
        service = commands.deactivate(session, actor(), path.service_id)
        return answer(shaped(session, service), version=service.version)
