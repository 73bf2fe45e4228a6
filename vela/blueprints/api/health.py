"""Whether this Vela can do its work: for a load balancer, a supervisor, a person with curl."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from vela import __version__, schema
from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import JSON, content
from vela.blueprints.api.guards import database, vela
from vela.blueprints.api.routes import named_as_written
from vela.shapes import Shape
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
            ]
        ],
        Field(description="What is not as it should be, worst first; docs/operations.md says what to do about each."),
    ]
    version: str

    @classmethod
    def of(cls, found: Standing) -> Self:
        return cls.model_validate({"status": found.status, "reasons": found.reasons, "version": __version__})


def _described(words: str, shape: type[Shape] = HealthShape) -> dict[str, Any]:
    return {"description": words, "content": {JSON: content(shape, "serialization")}}


calls = APIBlueprint("health", __name__, operation_id_callback=named_as_written)


def get_health() -> Response:
    """Whether this Vela can do its work; open to everybody."""
    health = _health()
    status = HTTPStatus.OK if health.status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(health, status)


def get_live() -> Response:
    """Whether this process answers, for a supervisor that restarts it when it does not; open to everybody."""
    return answer(LiveShape(status="live"))


def get_ready() -> Response:
    """Whether the books can be read and changed, with reasons; open to everybody, and tells nothing but these words.

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
_health_answers: Any = {200: _described("All is well"), 503: _described("It cannot do its work")}
_live_answers: Any = {200: _described("It answers", LiveShape)}
_ready_answers: Any = {
    200: _described("The books can be read, and changed unless they are read-only", ReadyShape),
    503: _described("The books cannot be read", ReadyShape),
}
calls.get("/health", tags=TAGS, responses=_health_answers)(get_health)  # pyright: ignore[reportUnknownMemberType]
calls.get("/health/live", tags=TAGS, responses=_live_answers)(get_live)  # pyright: ignore[reportUnknownMemberType]
calls.get("/health/ready", tags=TAGS, responses=_ready_answers)(get_ready)  # pyright: ignore[reportUnknownMemberType]
