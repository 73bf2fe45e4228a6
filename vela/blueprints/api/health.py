"""Whether this Vela can do its work: for a load balancer, a supervisor, a person with curl."""

from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Literal

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from vela import __version__, schema
from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import JSON, content
from vela.blueprints.api.guards import database
from vela.blueprints.api.routes import named_as_written
from vela.shapes import Shape


class HealthShape(Shape):
    """Whether the database can be read and has the schema that this version needs."""

    status: Literal["ok", "unavailable"]
    database: Literal["ok", "unreachable"]
    schema_: Annotated[
        Literal["current", "outdated", "unknown"],
        Field(serialization_alias="schema", description="Outdated: run `vela migrate`."),
    ]
    version: str


def _described(words: str) -> dict[str, Any]:
    return {"description": words, "content": {JSON: content(HealthShape, "serialization")}}


calls = APIBlueprint("health", __name__, operation_id_callback=named_as_written)


def get_health() -> Response:
    """Whether this Vela can do its work; open to everybody."""
    health = _health()
    status = HTTPStatus.OK if health.status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(health, status)


def _health() -> HealthShape:
    try:
        current = schema.standing(database()) == _newest()
    except SQLAlchemyError:
        return HealthShape(status="unavailable", database="unreachable", schema_="unknown", version=__version__)
    if not current:
        return HealthShape(status="unavailable", database="ok", schema_="outdated", version=__version__)
    return HealthShape(status="ok", database="ok", schema_="current", version=__version__)


@cache
def _newest() -> str | None:
    """It does not change while this program runs, and reading the migrations takes a while."""
    return schema.newest()


_responses: Any = {200: _described("All is well"), 503: _described("It cannot do its work")}
calls.get("/health", tags=[{"name": "Health"}], responses=_responses)(get_health)  # pyright: ignore[reportUnknownMemberType]
