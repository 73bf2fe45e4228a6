"""What no JSON Schema can say of a body: rules between two fields, or between a field and what is stored."""

import json
import re
import uuid
from http import HTTPStatus
from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

from vela.blueprints.api.documenting import IF_MATCH, KEY
from vela.intake import decimals_said
from vela.money import PERCENT_PLACES, QUANTITY_PLACES, UNIT_PRICE_PLACES

# Only here: readers that compute in binary fractions, as most do, would refuse 0.3 for a multiple of 0.1.
MULTIPLES = {decimals_said(places): 1 / 10**places for places in (PERCENT_PLACES, QUANTITY_PLACES, UNIT_PRICE_PLACES)}

SPANS = ("The last month cannot come before the first.", "Choose fifty years at most.")
ROWS = (
    "There is no component with id",
    "This component stands here twice.",
    "Enter a number of 0 or more, such as 400. Only an adjustment",
)
WEAK = ("Use at least 12 characters.", "That is too easy to guess.")
# By call, the beginning of the one message with which it may refuse a body that fits its schema.
BEYOND_SCHEMAS = {
    "POST /api/expenses": "The last month cannot come before the first.",
    "PUT /api/expenses/{expense_id}": "The last month cannot come before the first.",
    "PUT /api/components/{component_id}": "Enter a number of 0 or more, such as 400. Only an adjustment",
    "POST /api/months/{month}/close": "This month has not begun",
    "POST /api/transactions": "That is too large. A month holds at most",
    "GET /api/pnl/statement": "Write the ",
    **dict.fromkeys(("GET /api/pnl/range", "GET /api/pnl/cost", "GET /api/pnl/opex"), SPANS),
    "GET /api/what-if": "No component of an active offer has",
    "GET /api/services/{service_id}/price-for-margin": "No price leaves so much.",
    "GET /api/exports/transactions": (*SPANS, "This is needed.", "Say a month, or from which"),
    "GET /api/exports/pnl/statement": "Write the ",
    "POST /api/services/{service_id}/changes": ROWS,
    # Files that are made up are no spreadsheets.
    **dict.fromkeys(("POST /api/imports/sales", "POST /api/imports/offers"), ""),
    "POST /api/auth/password": "That is not your current password.",
    "POST /api/users": WEAK,
    "PUT /api/users/{user_id}/password": WEAK,
}
OF_THE_TIME = (b"IDEMPOTENCY_KEY_REUSED", b"TOO_MANY_TRIES")
# Whoever asks must not be deactivated, or lose the rights or the token with which it goes on asking.
MYSELF, SOMEBODY_ELSE = "1", 2


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Say decimals as multipleOf too: this reader computes it exactly, and makes valid numbers from it."""
    for part in ("components", "paths"):
        raw_schema[part] = with_multiples(raw_schema[part])


def with_multiples(schema: Any) -> Any:
    if isinstance(schema, list):
        return [with_multiples(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: with_multiples(value) for name, value in schema.items()}
    step = MULTIPLES.get(str(said.get("description")))
    if step and "anyOf" in said:
        said["anyOf"] = [kind | ({"multipleOf": step} if kind["type"] == "number" else {}) for kind in said["anyOf"]]
    return said


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, **_more: object) -> None:
    """Make a new key of one that can be read, which would otherwise come with many bodies; let If-Match match.

    Not where it leaves a header out: it would no longer know which.
    """
    if case.method in ("PUT", "DELETE"):
        _leave_alone(case, "user_id", "token_id")
    leaves_out = case.meta and "missing" in str(getattr(case.meta.phase.data, "scenario", "")).lower()
    sent = str((case.headers or {}).get(KEY["name"], ""))
    if not leaves_out and re.fullmatch(KEY["schema"]["pattern"], sent):
        case.headers[KEY["name"]] = str(uuid.uuid4())
    if not leaves_out and IF_MATCH["name"] in (case.headers or {}):
        case.headers[IF_MATCH["name"]] = "*"


def _leave_alone(case: schemathesis.Case, *names: str) -> None:
    for name in names:
        if str((case.path_parameters or {}).get(name)) == MYSELF:
            case.path_parameters[name] = SOMEBODY_ELSE


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case,
    response: schemathesis.Response,
) -> bool:
    """Accept a refusal for such a rule, which the tests of these calls cover, for what came twice, or a pause."""
    judged = isinstance(failure, RejectedPositiveData | AcceptedNegativeData)
    if judged and response.status_code == HTTPStatus.PRECONDITION_FAILED:
        return False  # which is a refusal, whatever else was wrong
    if not isinstance(failure, RejectedPositiveData):
        return True
    if any(code in response.content for code in OF_THE_TIME):
        return False
    beginning = BEYOND_SCHEMAS.get(case.operation.label)
    if response.status_code != HTTPStatus.UNPROCESSABLE_ENTITY or beginning is None:
        return True
    problems = json.loads(response.content)["errors"]
    return not all(problem["detail"].startswith(beginning) for problem in problems)
