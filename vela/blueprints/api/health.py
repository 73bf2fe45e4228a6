"""Whether this Vela can do its work: for a load balancer, a supervisor, a person with curl."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from vela import __version__, schema
from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import JSON, content, refusal
from vela.blueprints.api.guards import database, vela
from vela.blueprints.api.routes import named_as_written
from vela.shapes.base import Shape
from vela.standing import Standing, newest, standing


class HealthShape(Shape):
    """Whether the database can be read and has the schema that this version needs."""

    status: Literal["ok", "unavailable"]
    database: Literal["ok", "unreachable"]
    schema_: Annotated[
        Literal["current", "outdated", "missing", "unknown"],
        Field(
            serialization_alias="schema",
            description="Outdated: run `vela migrate`. Missing: there is no database, or nothing in it.",
        ),
    ]
    version: str


class LiveShape(Shape):
    """This process answers; nothing else was looked at."""

    status: Literal["live"]


class ReadyShape(Shape):
    """Whether the books can be read and changed, and everything an operator should look into."""

    status: Annotated[
        Literal["ready", "read_only", "unavailable"],
        Field(description="Read-only: everything can be read and exported, nothing changed."),
    ]
    reasons: Annotated[
        list[
            Literal[
                "database_unreachable",
                "database_unreadable",
                "books_missing",
                "schema_outdated",
                "stopped",
                "not_writable",
                "disk_full",
                "disk_low",
                "never_checked",
                "check_failed",
                "check_old",
                "webhook_off",
                "webhook_failing",
            ]
        ],
        Field(description="What is not as it should be, worst first; docs/operations.md says what to do about each."),
    ]
    version: str

    @classmethod
    def of(cls, found: Standing) -> Self:
        return cls.model_validate({"status": found.status, "reasons": found.reasons, "version": __version__})


def _described(words: str, shape: type[Shape] = HealthShape, example: object = None) -> dict[str, Any]:
    return {"description": words, "content": {JSON: content(shape, "serialization", example)}}


calls = APIBlueprint("health", __name__, operation_id_callback=named_as_written)


def get_health() -> Response:
    """Whether this Vela can do its work."""
    health = _health()
    status = HTTPStatus.OK if health.status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(health, status)


def get_live() -> Response:
    """Whether this process answers, for a supervisor that restarts it when it does not."""
    return answer(LiveShape(status="live"))


def get_ready() -> Response:
    """Whether the books can be read and changed, with reasons.

    It tells everybody nothing but these words.
    200 as long as the books can be read, be they read-only: taking the pages away would help nobody.
    """
    found = standing(vela().settings, database(), backups=False)
    status = HTTPStatus.SERVICE_UNAVAILABLE if found.status == "unavailable" else HTTPStatus.OK
    return answer(ReadyShape.of(found), status)


def _health() -> HealthShape:
    try:
        at = schema.standing(database())
    except SQLAlchemyError:
        return HealthShape(status="unavailable", database="unreachable", schema_="unknown", version=__version__)
    if at != newest():
        stands = "missing" if at is None else "outdated"
        return HealthShape(status="unavailable", database="ok", schema_=stands, version=__version__)
    return HealthShape(status="ok", database="ok", schema_="current", version=__version__)


TAGS: Any = [{"name": "Health"}]
OPEN_TO_ALL = "Open to everybody. Where Vela serves one machine alone, 400 for what came under another name."
UNREACHABLE = {"status": "unavailable", "database": "unreachable", "schema": "unknown", "version": __version__}
UNREADABLE = {"status": "unavailable", "reasons": ["database_unreachable"], "version": __version__}
_health_answers: Any = {
    200: _described("All is well"),
    400: refusal(400),
    503: _described("It cannot do its work", example=UNREACHABLE),
}
_live_answers: Any = {200: _described("It answers", LiveShape), 400: refusal(400)}
_ready_answers: Any = {
    200: _described("The books can be read, and changed unless they are read-only", ReadyShape),
    400: refusal(400),
    503: _described("The books cannot be read", ReadyShape, UNREADABLE),
}


def _route(path: str, view: Callable[[], Response], answers: Any) -> None:
    face: Any = calls
    face.get(path, tags=TAGS, responses=answers, description=OPEN_TO_ALL)(view)


_route("/health", get_health, _health_answers)
_route("/health/live", get_live, _live_answers)
_route("/health/ready", get_ready, _ready_answers)
