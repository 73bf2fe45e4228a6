"""Refusals and faults as JSON: problem bodies (RFC 9457) that say what was wrong, and which field of it."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from vela import tracing
from vela.errors import Issue, Refusal, Stale, Unauthenticated
from vela.language import gettext as _
from vela.problems import issues_of, problem, status_of

MEDIA_TYPE = "application/problem+json"
REALM = 'Bearer realm="vela"'
KEPT_HEADERS = ("Allow", "Retry-After")

INSTANCE = "urn:uuid:6f0b1c1e-4f4e-4b43-9d30-9f3b0c6e6f00"
EXAMPLE: Any = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Use at most 5 decimals.",
    "instance": INSTANCE,
    "success": False,
    "error": "INVALID",
    "errors": [{"detail": "Use at most 5 decimals.", "pointer": "#/components/0/unit_cost"}],
}


class FieldProblem(BaseModel):
    """What is wrong with one field; `pointer` is its place in the body, empty for the whole."""

    detail: str
    pointer: Annotated[str, Field(examples=["#/components/0/name"])]


class Problem(BaseModel):
    """Why a request was refused, for people (`detail`) and for programs (`status`, `error`)."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    type: str
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The id of the request, also in the header X-Request-Id.")]
    success: bool
    error: Annotated[str, Field(description="A stable code.", examples=["SERVICE_NOT_FOUND"])]
    errors: Annotated[list[FieldProblem], Field(description="One for each field at fault.")] = Field(
        default_factory=list[FieldProblem]
    )


def refused(error: Refusal) -> Response:
    """A refusal of the domain as its status, its code and everything it knows."""
    status = _status_of(error)
    response = _problem(status, error.code, error.message, issues_of(error), error.data)
    if "retry_after" in error.data:
        response.headers["Retry-After"] = str(error.data["retry_after"])
    if status is HTTPStatus.UNAUTHORIZED:
        bad = ', error="invalid_token"' if error.code == "invalid_token" else ""
        response.headers["WWW-Authenticate"] = REALM + bad
    return response


def _status_of(error: Refusal) -> HTTPStatus:
    if isinstance(error, Stale) and "If-Match" in request.headers:
        return HTTPStatus.PRECONDITION_FAILED
    if isinstance(error, Unauthenticated) and "retry_after" in error.data:
        return HTTPStatus.TOO_MANY_REQUESTS
    return status_of(error)


def http_error(error: HTTPException) -> Response:
    """What the server itself refuses: no such address, no such method, a body that is too large or no JSON."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    response = _problem(status, status.name, _words_of(status))
    for name, value in error.get_response().headers.items():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    return response


def _words_of(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing at this address. The calls are listed at /api/docs.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("This address does not take %(method)s.", method=request.method)
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("That is too much at once. Send less.")
        case HTTPStatus.BAD_REQUEST:
            return _("The request cannot be understood.")
        case _:
            return status.description or status.phrase


def crashed(code: str) -> Response:
    """A fault of ours; `code` is also in the log."""
    words = _("The server reported a fault. Code %(code)s.", code=code)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", words, data={"fault": code})


class Unreadable(Exception):
    """The request is not what this face speaks: no JSON, not an object, another content type."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def unreadable(error: Unreadable) -> Response:
    return _problem(error.status, error.code, error.message)


def _problem(
    status: HTTPStatus, code: str, words: str, issues: Sequence[Issue] = (), data: Mapping[str, Any] | None = None
) -> Response:
    body = problem(status, code, words, issues, data) | {"instance": f"urn:uuid:{request_id()}"}
    return Response(json.dumps(body), status, mimetype=MEDIA_TYPE)


def request_id() -> str:
    """The id of this request, which stands in the header X-Request-Id, in the log and in the trail."""
    return tracing.request_id.get()
