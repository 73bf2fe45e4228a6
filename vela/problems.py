"""Refusals as data: the status that stands for each kind, and the body that scripts and agents get alike (RFC 9457)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from vela.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Issue,
    NotFound,
    Refusal,
    TooMany,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from vela.exact import number

STATUSES: dict[type[Refusal], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: Refusal) -> HTTPStatus:
    """The HTTP status of a kind of refusal."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def issues_of(error: Refusal) -> Sequence[Issue]:
    """What is wrong with which field; a conflict about one field counts as a complaint about it."""
    if isinstance(error, Invalid):
        return error.issues
    field = error.data.get("field")
    return [Issue(field, error.code, error.message)] if field else []


def problem(
    status: HTTPStatus, code: str, words: str, issues: Sequence[Issue] = (), known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A problem body: the members of RFC 9457, `success`, `error` and `errors`, and whatever else is `known`."""
    members = {name: plain(value) for name, value in (known or {}).items() if name != "field"}
    return members | {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": words,
        "success": False,
        "error": code.upper(),
        "errors": [{"detail": issue.message, "pointer": pointer(issue.field)} for issue in issues],
    }


def pointer(field: str) -> str:
    """A dotted field as a JSON Pointer in a fragment: components.0.name becomes #/components/0/name; empty for all."""
    if not field:
        return ""
    steps = field.replace("~", "~0").replace("/", "~1").split(".")
    return "#/" + "/".join(steps)


def plain(value: object) -> object:
    """A value of the domain as JSON says it."""
    match value:
        case Decimal():
            return number(value)
        case datetime():
            return value.isoformat()
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)
