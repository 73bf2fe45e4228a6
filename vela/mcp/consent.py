"""Asking whoever sits at the host, in both eras of the protocol, and taking no other answer than theirs."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from anyio import fail_after
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
from pydantic import ValidationError

from vela.errors import Forbidden, TooMany
from vela.language import gettext as _
from vela.mcp.deletions import Question
from vela.mcp.who import Who

ONE_QUESTION = "consent"
IN_RESULTS = "2026-07-28"
NOTHING_TO_FILL_IN: dict[str, Any] = {"type": "object", "properties": {}}
"""Accepting is the answer. There is no field, so none can be filled in by a default."""
PATIENCE_SECONDS = 600
"""For how long a user is waited for, as long as an answer of the newer era is good."""
MOST_OPEN = 8


def can_ask(context: ServerRequestContext[Any]) -> bool:
    """Whether the host says that it can put a question to its user; one that names no mode means a form."""
    capabilities = context.session.client_capabilities
    asking = capabilities.elicitation if capabilities else None
    return asking is not None and (asking.form is not None or asking.url is None)


class Asking:
    """Puts questions, and counts those of the older era that wait for their answer, by who asked."""

    def __init__(self) -> None:
        self._open: Counter[Who] = Counter()

    async def asked(
        self, who: Who, context: ServerRequestContext[Any], params: CallToolRequestParams, question: Question
    ) -> InputRequiredResult | None:
        """Ask, and return when the user agreed: at once in the older era; in the newer one the question is a result,
        and the answer comes with the call that is sent again, beside a sealed word of what was asked.

        Raises Forbidden when the user did not agree, or was not asked after all; TooMany.
        """
        if not is_version_at_least(context.protocol_version, IN_RESULTS):
            with self._counted(who):
                _agree(await _asked_meanwhile(context, question))
            return None
        answer = (params.input_responses or {}).get(ONE_QUESTION)
        if not isinstance(answer, ElicitResult) or params.request_state != question.mark:
            return InputRequiredResult(
                input_requests={ONE_QUESTION: ElicitRequest(params=_form(question.text))}, request_state=question.mark
            )
        _agree(answer)
        return None

    @contextmanager
    def _counted(self, who: Who) -> Generator[None]:
        """A host that hangs up leaves its question open, so these end by themselves, and there are only so many."""
        if self._open[who] >= MOST_OPEN:
            words = _("%(most)d questions wait for their user already. Wait until some are answered.", most=MOST_OPEN)
            raise TooMany("too_many_questions", words, limit=MOST_OPEN)
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


async def _asked_meanwhile(context: ServerRequestContext[Any], question: Question) -> ElicitResult:
    asking = context.session.elicit_form
    try:
        with fail_after(PATIENCE_SECONDS):
            return await asking(question.text, NOTHING_TO_FILL_IN, related_request_id=context.request_id)
    except TimeoutError:
        words = _("The user did not answer in time. Nothing was changed. Ask them what they want.")
        raise Forbidden("cancelled", words) from None
    except (MCPError, ValidationError):
        words = _("The host could not ask its user. Nothing was changed. Let a person do this in Vela.")
        raise Forbidden("not_asked", words) from None


def _form(question: str) -> ElicitRequestFormParams:
    return ElicitRequestFormParams(message=question, requested_schema=NOTHING_TO_FILL_IN)


def _agree(answer: ElicitResult) -> None:
    if answer.action == "decline":
        words = _("The user said no. Nothing was changed. Do not try again unless they ask for it.")
        raise Forbidden("declined", words)
    if answer.action != "accept":
        words = _("The user closed the question without an answer. Nothing was changed. Ask them what they want.")
        raise Forbidden("cancelled", words)
