"""What no JSON Schema can say of a body: rules between two fields, or between a field and what is stored."""

import json
import re
import uuid

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from vela.blueprints.api.describing import KEY

# By call, the beginning of the one message with which it may refuse a body that fits its schema.
BEYOND_SCHEMAS = {
    "POST /api/expenses": "The last month cannot come before the first.",
    "PUT /api/expenses/{expense_id}": "The last month cannot come before the first.",
    "PUT /api/components/{component_id}": "Enter a number of 0 or more, such as 400. Only an adjustment",
    "POST /api/months/{month}/close": "This month has not begun",
    "POST /api/transactions": "That is too large. A month holds at most",
}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, **_more: object) -> None:
    """Make a new key of one that can be read, which would otherwise come with many bodies.

    Not where it leaves a header out: it would no longer know which.
    """
    leaves_out = case.meta and "missing" in str(getattr(case.meta.phase.data, "scenario", "")).lower()
    sent = str((case.headers or {}).get(KEY["name"], ""))
    if not leaves_out and re.fullmatch(KEY["schema"]["pattern"], sent):
        case.headers[KEY["name"]] = str(uuid.uuid4())


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case,
    response: schemathesis.Response,
) -> bool:
    """Accept a refusal for such a rule, which the tests of these calls cover, or for a key that came twice."""
    if isinstance(failure, RejectedPositiveData) and b"IDEMPOTENCY_KEY_REUSED" in response.content:
        return False
    beginning = BEYOND_SCHEMAS.get(case.operation.label)
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422 or beginning is None:
        return True
    problems = json.loads(response.content)["errors"]
    return not all(problem["detail"].startswith(beginning) for problem in problems)
