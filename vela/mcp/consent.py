"""Asking whoever sits at the host, in both eras of the protocol, and taking no other answer than theirs."""

import hashlib
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least

from vela.errors import Forbidden
from vela.language import gettext as _

ONE_QUESTION = "consent"
IN_RESULTS = "2026-07-28"
NOTHING_TO_FILL_IN: dict[str, Any] = {"type": "object", "properties": {}}
"""Accepting is the answer. There is no field, so none can be filled in by a default."""


def can_ask(context: ServerRequestContext[Any]) -> bool:
    """Whether the host says that it can put a question to its user; one that names no mode means a form."""
    capabilities = context.session.client_capabilities
    asking = capabilities.elicitation if capabilities else None
    return asking is not None and (asking.form is not None or asking.url is None)


async def asked(
    context: ServerRequestContext[Any], params: CallToolRequestParams, question: str
) -> InputRequiredResult | None:
    """Ask, and return when the user agreed: at once in the older era; in the newer one the question is a result, and
    the answer comes with the call that is sent again, beside a sealed word of what was asked.

    Raises Forbidden when the user did not agree, or was not asked after all.
    """
    if not is_version_at_least(context.protocol_version, IN_RESULTS):
        _agree(await _asked_meanwhile(context, question))
        return None
    answer = (params.input_responses or {}).get(ONE_QUESTION)
    if not isinstance(answer, ElicitResult) or params.request_state != _mark(question):
        return InputRequiredResult(
            input_requests={ONE_QUESTION: ElicitRequest(params=_form(question))}, request_state=_mark(question)
        )
    _agree(answer)
    return None


async def _asked_meanwhile(context: ServerRequestContext[Any], question: str) -> ElicitResult:
    try:
        return await context.session.elicit_form(question, NOTHING_TO_FILL_IN, related_request_id=context.request_id)
    except MCPError:
        words = _("The host could not ask its user. Nothing was changed. Let a person do this in Vela.")
        raise Forbidden("not_asked", words) from None


def _form(question: str) -> ElicitRequestFormParams:
    return ElicitRequestFormParams(message=question, requested_schema=NOTHING_TO_FILL_IN)


def _mark(question: str) -> str:
    """A word for a question: when what is stored has moved, the question is another, and is asked anew."""
    return hashlib.sha256(question.encode()).hexdigest()


def _agree(answer: ElicitResult) -> None:
    if answer.action == "decline":
        words = _("The user said no. Nothing was changed. Do not try again unless they ask for it.")
        raise Forbidden("declined", words)
    if answer.action != "accept":
        words = _("The user closed the question without an answer. Nothing was changed. Ask them what they want.")
        raise Forbidden("cancelled", words)
