"""The MCP server: tools and resources as the protocol names them, in both of its eras."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

import anyio.to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextResourceContents,
)

from vela import __version__, events
from vela.domain.idempotency.keys import Replayed
from vela.domain.people.access import Face
from vela.errors import NotFound, Refusal
from vela.language import gettext as _
from vela.mcp import resources, results
from vela.mcp.door import Door
from vela.mcp.lines import asker, line, texts
from vela.mcp.registration import NAME
from vela.mcp.tools import TOOLS, permitted
from vela.mcp.wording import instructions
from vela.problems import status_of

Context = ServerRequestContext[dict[str, Any]]
Answer = TypeVar("Answer")


def make_server(door: Door) -> Server[dict[str, Any]]:
    """The server for whoever holds the token of `door`; every call runs in a worker thread of its own."""

    async def list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return await _in_thread("tools/list", "", _tools, door)

    async def call_tool(_context: Context, params: CallToolRequestParams) -> CallToolResult:
        return await anyio.to_thread.run_sync(_call, door, params.name, params.arguments or {})

    async def list_resources(_context: Context, _params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await _in_thread("resources/list", "", _resources, door)

    async def list_templates(_context: Context, _params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return await _in_thread("resources/templates/list", "", _templates, door)

    async def read_resource(_context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        return await _in_thread("resources/read", _rule(str(params.uri)), _read, door, str(params.uri))

    return Server(
        NAME,
        version=__version__,
        title="Vela",
        instructions=instructions(),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


async def _in_thread(method: str, route: str, act: Callable[..., Answer], *arguments: object) -> Answer:
    """Do `act` beside the event loop. Raises MCPError alone: no other error has words that are meant for agents."""
    return await anyio.to_thread.run_sync(partial(_done, method, route, act, *arguments))


def _done(method: str, route: str, act: Callable[..., Answer], *arguments: object) -> Answer:
    with line(method, route) as written:
        try:
            return act(*arguments)
        except MCPError:
            written.status = HTTPStatus.BAD_REQUEST
            raise
        except Refusal as refusal:
            written.status = status_of(refusal)
            raise MCPError(INVALID_REQUEST, refusal.message, results.body_of(refusal)) from None
        except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
            written.status = HTTPStatus.INTERNAL_SERVER_ERROR
            raise MCPError(INTERNAL_ERROR, results.crash_words(events.fault(error, method))) from None


def _rule(uri: str) -> str:
    """The tool that answers for a resource, never the address as it was sent."""
    found = resources.found(uri)
    return found[0] if found else events.NOWHERE


def _call(door: Door, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
    with line("tools/call", name if name in TOOLS else events.NOWHERE) as written:
        try:
            result = _called(door, name, arguments)
        except MCPError:
            written.status = HTTPStatus.BAD_REQUEST
            raise
        if result.is_error and result.structured_content:
            written.status = int(result.structured_content["status"])
        return result


def _tools(door: Door) -> ListToolsResult:
    actor, currency = door.actor(), door.currency()
    return ListToolsResult(tools=[tool.entry(currency) for tool in permitted(actor)])


def _called(door: Door, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
    tool = TOOLS.get(name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, _("There is no such tool. There are: %(names)s.", names=", ".join(TOOLS)))
    try:
        return results.answered(door.run(tool, arguments))
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
        words = _("There is no such resource. There are: %(addresses)s.", addresses=", ".join(resources.ADDRESSES))
        raise MCPError(INVALID_PARAMS, words, {"uri": uri})
    name, arguments = found
    try:
        shape = door.run(TOOLS[name], arguments)
    except NotFound as missing:
        raise MCPError(INVALID_PARAMS, results.advice(missing, door.existing_ids(missing)), {"uri": uri}) from None
    text = results.as_text(shape.model_dump(mode="json"))
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=resources.JSON, text=text)])
