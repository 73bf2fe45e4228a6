"""Telling a host that what it listens to has changed: in the newer era on a stream, in the older by single notices."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import (
    SUBSCRIPTION_ID_META_KEY,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import event_to_notification
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    EmptyResult,
    SubscribeRequestParams,
    SubscriptionFilter,
    SubscriptionsAcknowledgedNotification,
    SubscriptionsAcknowledgedNotificationParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from vela.language import gettext as _
from vela.mcp import resources
from vela.mcp.door import Door
from vela.mcp.watch import Watch

Context = ServerRequestContext[dict[str, Any]]
EVERY = 1.0
"""Seconds from one look at the books to the next, while somebody listens."""
MOST = 20
LOOKS = anyio.CapacityLimiter(2)
"""Looks have threads of their own, so that no call waits behind them."""


async def listen(door: Door, context: Context, params: SubscriptionsListenRequestParams) -> SubscriptionsListenResult:
    """Tell what changes of what was asked for, until the host hangs up or may not look any more.

    Raises MCPError for the latter, in words that say what to do.
    """
    number = context.request_id
    if number is None:
        raise MCPError(INVALID_REQUEST, _("Listening needs a request with an id."))
    meta: dict[str, Any] = {SUBSCRIPTION_ID_META_KEY: number}
    heeded = _heeded(params.notifications)
    watch = Watch(door, _events(heeded))
    await run_sync(watch.begin, limiter=LOOKS)
    told = SubscriptionsAcknowledgedNotificationParams(notifications=heeded, _meta=meta)
    await context.session.send_notification(
        SubscriptionsAcknowledgedNotification(params=told), related_request_id=number
    )
    while True:
        await anyio.sleep(EVERY)
        for event in await run_sync(watch.changed, limiter=LOOKS):
            await context.session.send_notification(event_to_notification(event, meta), related_request_id=number)


def _heeded(asked: SubscriptionFilter) -> SubscriptionFilter:
    """What of it is told when it changes: addresses that nothing is found under never are.

    Raises MCPError for more addresses than one look should ask for.
    """
    addresses = list(dict.fromkeys(filter(resources.found, asked.resource_subscriptions or [])))
    _refuse_many(len(addresses))
    return SubscriptionFilter(
        tools_list_changed=asked.tools_list_changed or None,
        prompts_list_changed=asked.prompts_list_changed or None,
        resources_list_changed=asked.resources_list_changed or None,
        resource_subscriptions=addresses or None,
    )


def _refuse_many(count: int) -> None:
    if count > MOST:
        raise MCPError(INVALID_PARAMS, _("Listen to at most %(most)d addresses at once.", most=MOST))


def _events(heeded: SubscriptionFilter) -> list[ServerEvent]:
    lists: list[tuple[bool | None, ServerEvent]] = [
        (heeded.tools_list_changed, ToolsListChanged()),
        (heeded.prompts_list_changed, PromptsListChanged()),
        (heeded.resources_list_changed, ResourcesListChanged()),
    ]
    return [
        *(event for is_asked, event in lists if is_asked),
        *(ResourceUpdated(uri) for uri in heeded.resource_subscriptions or []),
    ]


class Subscriptions:
    """The older era's way, for the one host that a server has in its life: addresses that it subscribes to."""

    def __init__(self, door: Door) -> None:
        self._watch = Watch(door)
        self._addresses: set[str] = set()
        self._tasks: TaskGroup | None = None
        self._looking = False

    @asynccontextmanager
    async def lifespan(self, _server: Server[dict[str, Any]]) -> AsyncGenerator[dict[str, Any]]:
        """As long as the server serves; the looking ends with it at once."""
        async with anyio.create_task_group() as self._tasks:
            yield {}
            self._tasks.cancel_scope.cancel()

    async def subscribe(self, context: Context, params: SubscribeRequestParams) -> EmptyResult:
        """Raises MCPError for an address that nothing is found under, and for whoever may not look."""
        uri = str(params.uri)
        if resources.found(uri) is None:
            raise MCPError(INVALID_PARAMS, resources.no_such(), {"uri": uri})
        _refuse_many(len(self._addresses | {uri}))
        await run_sync(self._watch.add, ResourceUpdated(uri), limiter=LOOKS)
        self._addresses.add(uri)
        if self._tasks is not None and not self._looking:
            self._looking = True
            self._tasks.start_soon(self._look, context.session)
        return EmptyResult()

    async def unsubscribe(self, _context: Context, params: UnsubscribeRequestParams) -> EmptyResult:
        self._addresses.discard(str(params.uri))
        await run_sync(self._watch.remove, ResourceUpdated(str(params.uri)))
        return EmptyResult()

    async def _look(self, session: ServerSession) -> None:
        """While there is something to look for, and its user may look. This era has no words for the end of it."""
        try:
            while self._addresses:
                await anyio.sleep(EVERY)
                for event in await run_sync(self._watch.changed, limiter=LOOKS):
                    if isinstance(event, ResourceUpdated) and event.uri in self._addresses:
                        await session.send_resource_updated(event.uri)
        except MCPError:
            self._addresses.clear()
        finally:
            self._looking = False
