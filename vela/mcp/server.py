"""The MCP server: tools and resources as the protocol names them, in both of its eras."""

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import partial
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

from vela import __version__
from vela.errors import NotFound, Refusal
from vela.language import gettext as _
from vela.mcp import resources, results
from vela.mcp.door import Door
from vela.mcp.registration import NAME
from vela.mcp.tools import TOOLS, permitted
from vela.mcp.wording import instructions

log = logging.getLogger("vela.mcp")
Context = ServerRequestContext[dict[str, Any]]
Answer = TypeVar("Answer")


def make_server(door: Door) -> Server[dict[str, Any]]:
    """The server for whoever holds the token of `door`; every call runs in a worker thread of its own."""

    async def list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return await _in_thread(_tools, door)

    async def call_tool(_context: Context, params: CallToolRequestParams) -> CallToolResult:
        return await _in_thread(_called, door, params.name, params.arguments or {})

    async def list_resources(_context: Context, _params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await _in_thread(_resources, door)

    async def list_templates(_context: Context, _params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return await _in_thread(_templates, door)

    async def read_resource(_context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        return await _in_thread(_read, door, str(params.uri))

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


async def _in_thread(act: Callable[..., Answer], *arguments: object) -> Answer:
    """Do `act` beside the event loop. Raises MCPError alone: no other error has words that are meant for agents."""
    try:
        return await anyio.to_thread.run_sync(partial(act, *arguments))
    except MCPError:
        raise
    except Refusal as refusal:
        raise MCPError(INVALID_REQUEST, refusal.message, results.body_of(refusal)) from None
    except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
        raise MCPError(INTERNAL_ERROR, results.crash_words(_logged(error))) from None


def _logged(error: Exception) -> str:
    code = secrets.token_hex(4)
    log.error("fault %s in a call of an agent", code, exc_info=error)
    return code


def _tools(door: Door) -> ListToolsResult:
    actor, currency = door.actor(), door.currency()
    return ListToolsResult(tools=[tool.entry(currency) for tool in permitted(actor)])


def _called(door: Door, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
    tool = TOOLS.get(name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, _("There is no such tool. There are: %(names)s.", names=", ".join(TOOLS)))
    try:
        return results.answered(door.run(tool, arguments))
    except Refusal as refusal:
        return results.refused(refusal, door.existing_ids(refusal))
    except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
        return results.crashed(_logged(error))


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
