"""What each refusal looks like in the document: a whole problem body for every status that a call may answer."""

import re
from http import HTTPStatus
from typing import Any

from vela.blueprints.api.problems import EXAMPLE, INSTANCE
from vela.errors import Conflict, Forbidden, NotFound, Refusal, Stale, TooMany, Unauthenticated, Unavailable, invalid
from vela.problems import issues_of, problem

REUSED = EXAMPLE | {
    "detail": "This idempotency key was used for another request. Use a new key for each thing you do.",
    "error": "IDEMPOTENCY_KEY_REUSED",
    "errors": [],
}
MEANWHILE: dict[str, Any] = {"who": "Salma Bennis", "at": "2026-11-21T10:00:00+00:00", "version": 3}
CHANGED = "Salma Bennis changed this meanwhile. Look at the new value, then decide."

# Where a call has none of its own below.
OF_ALL: dict[int, Refusal] = {
    400: Refusal("bad_request", "The request cannot be understood."),
    401: Unauthenticated("sign_in_needed", "Sign in first: send the header Authorization: Bearer with a token."),
    403: Forbidden(
        "password_change_needed", "This password was for one use. Sign in to Vela's pages and choose your own first."
    ),
    409: Stale("stale", CHANGED, field="unit_cost", theirs=640, yours=620, **MEANWHILE),
    412: Stale("stale", CHANGED, field="", theirs=None, yours=None, **MEANWHILE),
    413: Refusal("request_entity_too_large", "That is too much at once. Send less."),
    415: Refusal("unsupported_media_type", "Send JSON, with the header Content-Type: application/json."),
    422: invalid("months", "unknown_field", "There is no parameter named months here. Leave it out."),
    429: TooMany(
        "too_many_calls",
        "That was too many calls in a minute. Wait 12 seconds, then go on.",
        retry_after=12,
        limit=1200,
    ),
    500: Refusal("internal_error", "The server reported a fault. Code 4f2a9c1e.", fault="4f2a9c1e"),
    503: Unavailable("busy", "The books are busy and nothing was changed. Try again in a moment.", retry_after=2),
}
GUESSED = Unauthenticated("too_many_tries", "Too many wrong guesses. Wait 1 minute, then try again.", retry_after=60)
ENDED = Unauthenticated("invalid_token", "This token is not, or no longer, good. Sign in again.")
NO_JSON = Refusal("bad_json", "This is not valid JSON.")
OUT_OF_REACH = Forbidden(
    "insufficient_scope",
    "This token does not reach so far. Its user needs one with the scope write.",
    scope="read",
    needs="write",
)
BEING_MADE = Conflict("busy", "Another file is being made for you. Ask again when you have it.")
CLOSED = Conflict(
    "month_closed", "2026-10 is closed. An admin can reopen it under Profit and loss, with a reason.", month="2026-10"
)

# By the id of a call.
OF_ONE: dict[tuple[str, int], Refusal] = {
    ("log_in", 401): Unauthenticated("wrong_credentials", "Username or password is not right.", tries_left=4),
    ("log_out", 409): Conflict(
        "personal_token", "A personal token does not sign out. Revoke it under Settings instead."
    ),
    ("discount_to_list", 409): Conflict("no_gap", "The components add up to the list price already."),
    ("price_for_margin", 409): Conflict(
        "no_cost", "This offer costs nothing, so any price leaves all of itself. Give its components a cost first."
    ),
    ("create_service", 409): Conflict("taken", "Atlas is taken. Pick another name.", field="name"),
    ("add_component", 409): Conflict("too_many", "An offer holds at most 200 components."),
    ("undo_revision", 409): Conflict(
        "overtaken",
        "HDD (1TB) was changed again since, so this cannot be undone. Change it by hand.",
        field="unit_cost",
        component_id=1,
    ),
    ("record_sale", 409): CLOSED,
    ("void_sale", 409): CLOSED,
    ("add_expense", 409): CLOSED,
    ("remove_expense", 409): CLOSED,
    ("close_month", 409): Conflict("month_closed", "2026-10 is closed already.", field="month"),
    ("add_webhook", 409): Conflict("too_many", "There are 20 webhooks, and there can be no more. Remove one first."),
    ("ping_webhook", 409): Conflict("webhook_off", "This webhook is off. Turn it on first."),
    **dict.fromkeys((("bring_sales", 404), ("bring_offers", 404)), NotFound("file", 77)),
    **dict.fromkeys(
        (("bring_sales", 409), ("bring_offers", 409)),
        Conflict("brought_in", "october.csv was brought in already. Nothing was stored a second time."),
    ),
    ("replay_given_up", 409): Conflict("webhook_off", "This webhook is off. Turn it on first."),
    **dict.fromkeys(
        (("create_token", 409), ("create_token_for_user", 409)),
        Conflict("ends_soon", "This token ends in less than a day, and a token makes none that outlasts it."),
    ),
    ("replay_delivery", 409): Conflict("webhook_off", "This webhook is off. Turn it on first."),
    ("reopen_month", 409): Conflict("month_open", "2026-10 is not closed.", field="month"),
}


def refusal_of(status: int, operation: dict[str, Any], path: str) -> dict[str, Any]:
    """A problem body such as this call, at this path, answers with this status."""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and "requestBody" in operation:
        return EXAMPLE
    return written(OF_ONE.get((operation["operationId"], status)) or _usual(status, operation, path), status)


def written(error: Refusal, status: int) -> dict[str, Any]:
    """The problem body of a refusal with this status."""
    body = problem(HTTPStatus(status), error.code, error.message, issues_of(error), error.data)
    return body | {"instance": INSTANCE}


def _named(operation: str) -> list[str]:
    """What a change that is rehearsed or proposed is about: what its own words name by an id."""
    about = {"update_component": "component", "delete_component": "component", "void_transaction": "transaction"}
    return [kind for change, kind in about.items() if operation.endswith(f"_{change}")]


def _usual(status: int, operation: dict[str, Any], path: str) -> Refusal:
    """What most calls with this status answer, as far as it depends on the call."""
    ids = re.findall(r"\{(\w+?)(?:_id)?\}", path) or _named(operation["operationId"])
    match status:
        case HTTPStatus.BAD_REQUEST if "requestBody" in operation:
            return NO_JSON
        case HTTPStatus.NOT_FOUND if ids:
            return NotFound(ids[0], 77)
        case HTTPStatus.NOT_FOUND:
            return NotFound("service", 77)
        case HTTPStatus.CONFLICT if operation["operationId"].startswith("export_"):
            return BEING_MADE
        case HTTPStatus.FORBIDDEN if operation.get("x-needs-rights"):
            return OUT_OF_REACH
        case _:
            return OF_ALL[status]
