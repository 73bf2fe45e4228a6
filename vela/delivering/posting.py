"""Posting one event to one address: only to where it was checked to lead, for a while and no longer, and read in part.

Redirects are not followed, proxies of the environment not asked, and the name is looked up and judged at each attempt;
the connection then goes to an address that was judged, so that a name cannot lead elsewhere a moment later.
"""

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore2
from typing_extensions import override

from vela import __version__
from vela.addresses import NotPublic, found_at
from vela.clock import now
from vela.domain.notifying.models import LONGEST_ANSWER
from vela.domain.notifying.queue import Outcome

CONNECT_SECONDS = 5.0
ALL_SECONDS = 15.0
MOST_BYTES = 2048
ALWAYS = {"content-type": "application/json", "user-agent": f"Vela/{__version__}", "connection": "close"}


def post(
    address: str,
    headers: Mapping[str, str],
    body: str,
    *,
    private: bool = False,
    seconds: float = ALL_SECONDS,
    trusted: ssl.SSLContext | None = None,
) -> Outcome:
    """Send `body` and hear what is answered, in so many seconds at most; `private` lets it go to any address.

    `trusted` says whose certificates are believed: those of this machine unless others are given.
    """
    way = _Way(seconds, private=private)
    try:
        believed = trusted or _certificates()
        with way, httpcore2.ConnectionPool(ssl_context=believed, network_backend=way) as pool:
            sent = pool.stream(
                "POST",
                address,
                headers={**ALWAYS, **headers},
                content=body.encode(),
                extensions={"timeout": {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds}},
            )
            with sent as response:
                return Outcome(response.status, _beginning(response), asked=_asked(response))
    except NotPublic:
        return Outcome(trouble="private")
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        return Outcome(trouble="timeout" if way.is_over else _trouble(error))


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _trouble(error: BaseException) -> str:
    if isinstance(error, httpcore2.TimeoutException):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "unknown_name"
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return "certificate"
    return "unreachable" if isinstance(error, httpcore2.ConnectError) else "broken_off"


def _beginning(response: httpcore2.Response) -> str:
    """The beginning of the answer, as text that can be kept and shown; what cannot be read of it is no trouble."""
    read = b""
    with contextlib.suppress(httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
        for part in response.iter_stream():
            read += part
            if len(read) >= MOST_BYTES:
                break
    text = read[:MOST_BYTES].decode(errors="replace")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)[:LONGEST_ANSWER]


def _asked(response: httpcore2.Response) -> timedelta | None:
    """For how long the receiver wants to be left alone, if it says so in a way that can be understood."""
    said = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"").decode("latin-1")
    if said.isascii() and said.isdigit() and len(said) < 10:
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
        return max(until - now(), timedelta())
    except (ValueError, TypeError, OverflowError):
        return None


class _Way(httpcore2.NetworkBackend):
    """The way to an address: looked up, judged, taken, and cut off when the time is over, whatever goes on there."""

    def __init__(self, seconds: float, *, private: bool) -> None:
        self._private = private
        self._seconds, self._until = seconds, 0.0
        self._backend = httpcore2.SyncBackend()
        self._cut = threading.Timer(seconds, self._cut_off)
        self._cut.daemon = True
        self._ours: socket.socket | None = None
        self._guard = threading.Lock()
        self.is_over = False

    def __enter__(self) -> "_Way":
        self._until = time.monotonic() + self._seconds
        self._cut.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self._cut.cancel()
        with self._guard:
            if self._ours is not None:
                self._ours.close()
                self._ours = None

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of the judged addresses that lets us in. Raises NotPublic, OSError, ConnectError."""
        failed: Exception = OSError(host)
        for found in found_at(host, port, private=self._private):
            left = self._until - time.monotonic()
            if left <= 0:
                break
            try:
                stream = self._backend.connect_tcp(
                    found, port, min(timeout or left, left), local_address, socket_options or ()
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
                continue
            self._hold(stream)
            return stream
        raise failed

    def _hold(self, stream: httpcore2.NetworkStream) -> None:
        """Keep a hand on the connection: timeouts count from one byte to the next, and there can be many of them."""
        theirs: socket.socket = stream.get_extra_info("socket")
        with self._guard:
            self._ours = socket.socket(fileno=os.dup(theirs.fileno()))
        if self.is_over:
            self._cut_off()

    def _cut_off(self) -> None:
        self.is_over = True
        with self._guard, contextlib.suppress(OSError):
            if self._ours is not None:
                self._ours.shutdown(socket.SHUT_RDWR)
