"""The blueprint of all calls; the modules named here add their routes to it."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel

from vela.blueprints.api.answers import unless_known
from vela.blueprints.api.describing import Answer, described, worded
from vela.blueprints.api.guards import guard, say_what_is_left

View = TypeVar("View", bound=Callable[..., Response | str])


def named_as_written(*, name: str, path: str, method: str) -> str:  # noqa: ARG001  (the names are flask-openapi's)
    """The id of an operation is the name of its function."""
    return name


calls = APIBlueprint("api", __name__, url_prefix="/api", operation_id_callback=named_as_written)
calls.before_request(guard)
calls.after_request(say_what_is_left)
calls.after_request(unless_known)


def call(
    line: str,
    tag: str,
    answer: Answer,
    *,
    said: type[BaseModel] | None = None,
    takes: Mapping[str, Any] | None = None,
    example: object = None,
    refuses: Iterable[int] = (),
    is_open: bool = False,
    takes_key: bool = False,
) -> Callable[[View], View]:
    """Route a call, written as `PUT /services/<service_id>`, and document it.

    `said` is what its body is read as, `example` such a body; `takes` is said instead of a file, by media type.
    `refuses` are the statuses it has beside those all have, `takes_key` whether it may be sent again under an
    Idempotency-Key.
    """
    method, rule = line.split(" ")
    documented = described(
        tag, answer, said=said, takes=takes, example=example, refuses=refuses, is_open=is_open, takes_key=takes_key
    )

    def routed(view: View) -> View:
        return _route(method, rule, documented | worded(view, documented))(view)

    return routed


def undocumented(rule: str) -> Callable[[View], View]:
    """Route a GET that belongs to the documentation itself."""
    return _route("GET", rule, {"doc_ui": False})


def _route(method: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
    decorate: Any = getattr(calls, method.lower())
    return decorate(rule, **options)


AREAS = (
    *("auth", "services", "revisions", "components", "transactions", "expenses", "profit", "months", "audit"),
    *(
        "proposals",
        "account",
        "own_second_factor",
        "tokens",
        "users",
        "settings",
        "histories",
        "together",
        "statements",
        "supposing",
        "list_prices",
        "imports",
        "exports",
        "webhooks",
    ),
    "docs",
)
for area in AREAS:
    import_module(f"vela.blueprints.api.{area}")
