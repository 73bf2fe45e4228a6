"""What is answered to each method of the protocol, for whoever stands at a door: the same over every transport."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    ReadResourceResult,
    TextResourceContents,
)

from vela import events
from vela.domain.idempotency.keys import Replayed
from vela.domain.people.access import Face
from vela.errors import Conflict, Invalid, NotFound, Refusal
from vela.language import gettext as _
from vela.mcp import completing, prompts, resources, results
from vela.mcp.deletions import Question
from vela.mcp.door import Door
from vela.mcp.lines import Line, asker, line, texts
from vela.mcp.tools import TOOLS, permitted
from vela.problems import status_of

Answer = TypeVar("Answer")


def list_tools(door: Door) -> ListToolsResult:
    """The tools of whoever asks. Raises MCPError, as does everything here that is no call of a tool: no other error
    has words that are meant for agents."""
    return done("tools/list", "", lambda: _tools(door))


def list_resources(door: Door) -> ListResourcesResult:
    return done("resources/list", "", lambda: _resources(door))


def list_templates(door: Door) -> ListResourceTemplatesResult:
    return done("resources/templates/list", "", lambda: _templates(door))


def read_resource(door: Door, uri: str) -> ReadResourceResult:
    return done("resources/read", rule(uri), lambda: _read(door, uri))


def list_prompts(door: Door) -> ListPromptsResult:
    return done("prompts/list", "", lambda: _prompts(door))


def get_prompt(door: Door, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    known = name if name in prompts.ready() else events.NOWHERE
    return done("prompts/get", known, lambda: _prompt(door, name, arguments))


def complete(door: Door, params: CompleteRequestParams) -> CompleteResult:
    return done("completion/complete", "", lambda: _completion(door, params))


def call_tool(door: Door, name: str, arguments: Mapping[str, Any], agreed: Question | None = None) -> CallToolResult:
    """What a tool answers, or why it does not, for a model to read; only while what a person `agreed` to is what would
    be done. Raises MCPError for a tool that there is not."""
    with line("tools/call", name if name in TOOLS else events.NOWHERE) as written:
        try:
            result = _called(door, name, arguments, agreed)
        except MCPError:
            written.status = HTTPStatus.BAD_REQUEST
            raise
        _tell(written, result)
        return result


def question_before(door: Door, name: str, arguments: Mapping[str, Any]) -> Question | CallToolResult | None:
    """What a person is to be asked before a call; None when nothing is to be asked; or why it is refused anyway."""
    with line("elicitation/create", name) as written:
        asking = _answered(lambda: door.question(TOOLS[name], arguments), door, name, arguments)
        _tell(written, asking)
        return asking


def not_agreed(refusal: Refusal, name: str) -> CallToolResult:
    """The answer to a call that the user of the host did not agree to."""
    with line("tools/call", name) as written:
        written.status = status_of(refusal)
        events.refused(refusal, name, user=asker.get(), face=Face.AGENT.value)
        return results.refused(refusal)


def rule(uri: str) -> str:
    """The tool that answers for a resource, never the address as it was sent."""
    found = resources.found(uri)
    return found[0] if found else events.NOWHERE


def done(method: str, route: str, act: Callable[[], Answer]) -> Answer:
    """What `act` returns, with a line about it in the log. Raises MCPError alone."""
    with line(method, route) as written:
        try:
            return act()
        except MCPError:
            written.status = HTTPStatus.BAD_REQUEST
            raise
        except Refusal as refusal:
            written.status = status_of(refusal)
            raise MCPError(INVALID_REQUEST, refusal.message, results.body_of(refusal)) from None
        except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
            written.status = HTTPStatus.INTERNAL_SERVER_ERROR
            raise MCPError(INTERNAL_ERROR, results.crash_words(events.fault(error, method))) from None


def _tell(written: Line, result: object) -> None:
    if isinstance(result, CallToolResult) and result.is_error and result.structured_content:
        written.status = int(result.structured_content["status"])


def _tools(door: Door) -> ListToolsResult:
    actor, currency = door.actor(), door.currency()
    return ListToolsResult(tools=[tool.entry(currency) for tool in permitted(actor)])


def _called(door: Door, name: str, arguments: Mapping[str, Any], agreed: Question | None) -> CallToolResult:
    tool = TOOLS.get(name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, _("There is no such tool. There are: %(names)s.", names=", ".join(TOOLS)))
    return _answered(lambda: results.answered(door.run(tool, arguments, agreed)), door, name, arguments)


def _answered(
    act: Callable[[], Answer], door: Door, name: str, arguments: Mapping[str, Any]
) -> Answer | CallToolResult:
    """What `act` returns, or why it cannot, as a result that a model can read."""
    try:
        return act()
    except Replayed as again:
        return results.replayed(again.answer.body)
    except Refusal as refusal:
        events.refused(refusal, name, user=asker.get(), face=Face.AGENT.value)
        return results.refused(refusal, door.existing_ids(refusal))
    except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
        return results.crashed(events.fault(error, name, texts(arguments)))


def _resources(door: Door) -> ListResourcesResult:
    door.actor()
    return ListResourcesResult(resources=resources.listed(door.currency()))


def _templates(door: Door) -> ListResourceTemplatesResult:
    door.actor()
    return ListResourceTemplatesResult(resource_templates=resources.templates(door.currency()))


def _read(door: Door, uri: str) -> ReadResourceResult:
    found = resources.found(uri)
    if found is None:
        door.actor()
        raise MCPError(INVALID_PARAMS, resources.no_such(), {"uri": uri})
    name, arguments = found
    try:
        shape = door.run(TOOLS[name], arguments)
    except NotFound as missing:
        raise MCPError(INVALID_PARAMS, results.advice(missing, door.existing_ids(missing)), {"uri": uri}) from None
    text = results.as_text(shape.model_dump(mode="json"))
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=resources.JSON, text=text)])


def _prompts(door: Door) -> ListPromptsResult:
    door.actor()
    return ListPromptsResult(prompts=[prompt.entry() for prompt in prompts.ready().values()])


def _prompt(door: Door, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    prompt = prompts.ready().get(name)
    if prompt is None:
        door.actor()
        words = _("There is no such prompt. There are: %(names)s.", names=", ".join(prompts.ready()))
        raise MCPError(INVALID_PARAMS, words)
    try:
        return door.look(lambda session: prompt.filled(session, arguments))
    except (Invalid, NotFound, Conflict) as refusal:
        advice = results.advice(refusal, door.existing_ids(refusal))
        raise MCPError(INVALID_PARAMS, advice, results.body_of(refusal)) from None


def _completion(door: Door, params: CompleteRequestParams) -> CompleteResult:
    if not completing.known(params):
        door.actor()
        raise MCPError(INVALID_PARAMS, _("There is no such argument to complete."))
    return CompleteResult(completion=door.look(lambda session: completing.completion(session, params)))
