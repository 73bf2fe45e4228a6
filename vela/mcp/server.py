"""The MCP server: each method of the protocol with what answers it, in both of its eras, over any transport."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from vela import __version__
from vela.errors import Refusal
from vela.mcp import answering, subscriptions
from vela.mcp.consent import Asking, can_ask
from vela.mcp.deletions import QUESTIONS
from vela.mcp.door import Door
from vela.mcp.registration import NAME
from vela.mcp.wording import instructions

Context = ServerRequestContext[dict[str, Any]]
FindDoor = Callable[[Context], Door]
"""The door that a request comes in by. It finds out nothing yet: the door asks who it is, for every call."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Serving:
    """The work of each method is done in a worker thread of its own."""

    find_door: FindDoor
    asking: Asking = field(default_factory=Asking)

    async def _in_thread(self, context: Context, answer: Callable[..., Answer], *arguments: object) -> Answer:
        return await run_sync(partial(answer, self.find_door(context), *arguments))

    async def list_tools(self, context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return await self._in_thread(context, answering.list_tools)

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        if params.name not in QUESTIONS or not can_ask(context):
            return await self._in_thread(context, answering.call_tool, params.name, params.arguments or {})
        return await _asked_first(self.asking, self.find_door(context), context, params)

    async def list_resources(self, context: Context, _params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await self._in_thread(context, answering.list_resources)

    async def list_templates(
        self, context: Context, _params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return await self._in_thread(context, answering.list_templates)

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        return await self._in_thread(context, answering.read_resource, str(params.uri))

    async def list_prompts(self, context: Context, _params: PaginatedRequestParams | None) -> ListPromptsResult:
        return await self._in_thread(context, answering.list_prompts)

    async def get_prompt(self, context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        return await self._in_thread(context, answering.get_prompt, params.name, params.arguments or {})

    async def listen(self, context: Context, params: SubscriptionsListenRequestParams) -> SubscriptionsListenResult:
        return await subscriptions.listen(self.find_door(context), context, params)

    async def complete(self, context: Context, params: CompleteRequestParams) -> CompleteResult:
        return await self._in_thread(context, answering.complete, params)


def _without_headers(_name: str) -> None:
    """No argument of ours travels in a header as well, so that none has to be compared with it."""


def make_server(door: Door) -> Server[dict[str, Any]]:
    """The server for one who stays: whoever holds what `door` was opened with, as over standard input and output."""
    server = make_server_for(lambda _context: door, RequestStateSecurity.ephemeral())
    subscribed = subscriptions.Subscriptions(door)
    server.lifespan = subscribed.lifespan
    server.add_request_handler("resources/subscribe", SubscribeRequestParams, subscribed.subscribe)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, subscribed.unsubscribe)
    return server


def make_server_for(find_door: FindDoor, security: RequestStateSecurity) -> Server[dict[str, Any]]:
    """The server for everybody who comes in by the door that `find_door` finds for a request.

    `security` seals what goes out with a question and comes back with its answer; servers that are to take each
    other's answers share its keys. Hosts of the older era cannot subscribe: what they subscribe to would be kept for a
    connection, of which there are many here and which may never say that it is over.
    """
    serving = _Serving(find_door)
    server = Server(
        NAME,
        version=__version__,
        title="Vela",
        instructions=instructions(),
        on_list_tools=serving.list_tools,
        on_call_tool=serving.call_tool,
        on_list_resources=serving.list_resources,
        on_list_resource_templates=serving.list_templates,
        on_read_resource=serving.read_resource,
        on_list_prompts=serving.list_prompts,
        on_get_prompt=serving.get_prompt,
        on_completion=serving.complete,
        on_subscriptions_listen=serving.listen,
        get_tool_input_schema=_without_headers,
    )
    server.middleware.append(RequestStateBoundary(security, default_audience=NAME))
    return server


async def _asked_first(
    asking: Asking, door: Door, context: Context, params: CallToolRequestParams
) -> CallToolResult | InputRequiredResult:
    """A call that takes something away, done once the user of the host has agreed to what is stored now."""
    name, arguments = params.name, params.arguments or {}
    question = await run_sync(answering.question_before, door, name, arguments)
    if isinstance(question, CallToolResult):
        return question
    if question is not None:
        try:
            waiting = await asking.asked(door.who, context, params, question)
        except Refusal as refusal:
            return answering.not_agreed(refusal, name)
        if waiting is not None:
            return waiting
    return await run_sync(answering.call_tool, door, name, arguments, question)
