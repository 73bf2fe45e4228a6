"""Serving agents over HTTP: one process that listens for all of them, until it is told to stop."""

import asyncio
import os
import signal
import socket
from collections.abc import Collection, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
import uvicorn
from anyio.to_thread import current_default_thread_limiter
from mcp.server.context import ServerRequestContext
from mcp.server.request_state import RequestStateSecurity
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from typing_extensions import override

from vela.db import Database
from vela.mcp.callers import Callers
from vela.mcp.door import Door
from vela.mcp.gate import LOCAL_NAMES, Gate
from vela.mcp.health import Health
from vela.mcp.limits import IDLE_SECONDS, Limits
from vela.mcp.lines import address
from vela.mcp.server import make_server_for
from vela.mcp.visits import KEPT, Visit
from vela.rates import Rates
from vela.settings import Settings
from vela.tracing import request_id

MOST_BYTES = 1024 * 1024
GRACEFUL_SECONDS = 30
KEPT_OPEN_SECONDS = 75
MOST_CONNECTIONS = 700
"""More than the gate lets through, so that it is the gate that says what to do."""
MOST_HEADER_BYTES = 16 * 1024


def serve(settings: Settings, database: Database, listening: socket.socket) -> None:
    """Answer agents who connect to `listening` until SIGTERM or SIGINT, then let what is under way end."""
    anyio.run(_serve, settings, database, listening)


async def _serve(settings: Settings, database: Database, listening: socket.socket) -> None:
    current_default_thread_limiter().total_tokens = settings.threads
    server = make_server_for(partial(_door, database, read_only=settings.mcp_read_only), _sealed_by_this_process())
    # How many sessions there are is counted at the gate, which has words for it.
    sessions = StreamableHTTPSessionManager(
        server, max_request_body_size=MOST_BYTES, max_sessions=None, session_idle_timeout=IDLE_SECONDS
    )
    ending = anyio.Event()
    callers = Callers(database, Rates(settings.api_rate))
    gate = Gate(
        sessions.handle_request,
        callers,
        Health(database),
        Limits(),
        names(settings.mcp_url),
        settings.trusted_hops,
        ending,
    )
    async with sessions.run():
        await _Listener(_told(gate), ending).serve([listening])


def names(url: str) -> Collection[str]:
    """The hosts under which this server may be called: those of this machine, and that of `url`."""
    host = urlsplit(url).netloc.lower()
    return LOCAL_NAMES | {host, host.rpartition(":")[0] or host} if host else LOCAL_NAMES


def _door(database: Database, context: ServerRequestContext[dict[str, Any]], *, read_only: bool) -> Door:
    """The door for whoever sent the request of `context`, whose log line is from now on that of what it asks for."""
    visit = _visit(context)
    visit.written.is_told = True
    request_id.set(visit.request_id)
    address.set(visit.address)
    return Door(database, visit.bearer, read_only=read_only)


def _visit(context: ServerRequestContext[dict[str, Any]]) -> Visit:
    request: Any = context.request
    return request.scope[KEPT]


def _sealed_by_this_process() -> RequestStateSecurity:
    """A question is answered by whoever was asked it, to the process that asked: it alone has the key."""
    return RequestStateSecurity(keys=[os.urandom(32)], bind_principal=lambda context: _visit(context).bearer.mark)


def _told(gate: Gate) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Who asks, and over which scheme, is believed from VELA_TRUSTED_PROXIES alone.
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEPT_OPEN_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
    )


class _Listener(uvicorn.Server):
    """Uvicorn, told by signals to stop, and ending with status 0 then."""

    def __init__(self, told: uvicorn.Config, ending: anyio.Event) -> None:
        super().__init__(told)
        self._ending = ending

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Through the loop: a library looks for Uvicorn's own handler, and would cut off answers that are under way."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._end)
        yield

    def _end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._ending.set()
