"""One request over HTTP from its first byte to its last: its log line, its headers, how far its answer has come."""

import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from vela import events
from vela.mcp.callers import Bearer, address_of
from vela.mcp.lines import Line, address, line
from vela.tracing import request_id

PATH = "/mcp"
HEALTH = f"{PATH}/health"
KEPT = "vela.visit"
NOBODY = Bearer("")
HUNG_UP = 499
"""The status in the log of what was not answered because nobody waited for it any more, as proxies write it."""


@dataclass(slots=True)
class Visit:
    """A request that is being answered."""

    scope: Scope
    headers: Headers
    written: Line
    request_id: str
    address: str
    bearer: Bearer = NOBODY
    more_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    session: str = ""
    """The session of the older protocol that the answer names, once it is a good one."""
    is_begun: bool = False
    is_over: bool = False

    @property
    def is_standing(self) -> bool:
        """Whether the answer is a stream that ends only when one side wants it to."""
        return self.scope["method"] == "GET" or self.headers.get("mcp-method") == "subscriptions/listen"

    def through(self, send: Send) -> Send:
        """`send`, with the headers of every answer, and with a note of what has been sent."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.is_begun, self.written.status = True, message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = self.request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
                headers.update(self.more_headers)
                if message["status"] < HTTPStatus.BAD_REQUEST:
                    self.session = headers.get("mcp-session-id", "")
            else:
                self.is_over = not message.get("more_body", False)
            await send(message)

        return sending


@contextmanager
def visiting(scope: Scope, hops: int) -> Generator[Visit]:
    """A request, with a line of the log about it at its end unless a method of the protocol has one of its own."""
    headers = Headers(scope=scope)
    connected = scope.get("client") or ("", 0)
    ids = request_id.set(_id_of(headers.get("x-request-id", "")))
    places = address.set(address_of(headers, connected[0], hops))
    try:
        with line(scope["method"], scope["path"] if scope["path"] in (PATH, HEALTH) else events.NOWHERE) as written:
            written.status = HUNG_UP
            visit = scope[KEPT] = Visit(scope, headers, written, request_id.get(), address.get())
            yield visit
    finally:
        address.reset(places)
        request_id.reset(ids)


def _id_of(wanted: str) -> str:
    """The caller's own id when it is a UUID, else a new one."""
    try:
        return str(uuid.UUID(wanted))
    except ValueError:
        return str(uuid.uuid4())
