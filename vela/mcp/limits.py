"""How much of the server is held at once: by one token only so much that it never stops others, and by all."""

import math
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from vela.errors import TooMany, Unavailable
from vela.language import gettext as _
from vela.mcp.visits import Visit

STREAMS_EACH = 8
REQUESTS_EACH = 60
SESSIONS_EACH = 20
REQUESTS_OF_ALL = 500
SESSIONS_OF_ALL = 1000
IDLE_SECONDS = 30 * 60
"""Seconds without a request after which a session of the older protocol ends."""


@dataclass(slots=True)
class _Session:
    mark: str
    left: float
    under_way: int = 0


class Limits:
    """Counts what is under way; `clock` tells seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of_all = 0
        self._requests: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()
        self._opening: Counter[str] = Counter()
        self._sessions: dict[str, _Session] = {}

    @contextmanager
    def room(self) -> Generator[None]:
        """Hold the place of a request until it is answered. Raises Unavailable when there is none."""
        if self._of_all >= REQUESTS_OF_ALL:
            words = _("Too many requests of agents are under way; nothing was changed. Try again in a few seconds.")
            raise Unavailable("crowded", words, retry_after=5)
        self._of_all += 1
        try:
            yield
        finally:
            self._of_all -= 1

    @contextmanager
    def share(self, visit: Visit) -> Generator[None]:
        """Hold what a request takes of the share of its token, until it is answered. Raises TooMany, Unavailable."""
        mark = visit.bearer.mark
        if self._requests[mark] >= REQUESTS_EACH:
            raise _too_many_requests()
        if visit.is_standing and self._streams[mark] >= STREAMS_EACH:
            raise _too_many_streams()
        streams = _counted(self._streams, mark) if visit.is_standing else nullcontext()
        with _counted(self._requests, mark), streams, self._session(visit):
            yield

    @contextmanager
    def _session(self, visit: Visit) -> Generator[None]:
        named = visit.headers.get("mcp-session-id")
        if visit.headers.get("mcp-protocol-version", HANDSHAKE_PROTOCOL_VERSIONS[0]) not in HANDSHAKE_PROTOCOL_VERSIONS:
            yield  # the newer protocol has none
        elif named is None:
            with self._begun(visit):
                yield
        else:
            with self._used(visit, named):
                yield

    @contextmanager
    def _begun(self, visit: Visit) -> Generator[None]:
        """Whatever names no session begins one, which ends again at once unless it is answered well."""
        mark = visit.bearer.mark
        self._forget_idle()
        mine = [session for session in self._sessions.values() if session.mark == mark]
        if len(mine) + self._opening[mark] >= SESSIONS_EACH:
            raise self._too_many_sessions(mine)
        if len(self._sessions) + self._opening.total() >= SESSIONS_OF_ALL:
            words = _("Agents have too many sessions open; nothing was changed. Try again in a minute.")
            raise Unavailable("too_many_sessions", words, retry_after=60)
        with _counted(self._opening, mark):
            yield
        if visit.session:
            self._sessions[visit.session] = _Session(mark, self._clock())

    @contextmanager
    def _used(self, visit: Visit, named: str) -> Generator[None]:
        session = self._sessions.get(named)
        if session is None or session.mark != visit.bearer.mark:
            yield  # which is answered that there is none
            return
        session.under_way += 1
        try:
            yield
        finally:
            session.under_way -= 1
            session.left = self._clock()
            is_ended = visit.scope["method"] == "DELETE" and visit.written.status < HTTPStatus.BAD_REQUEST
            if is_ended or visit.written.status == HTTPStatus.NOT_FOUND:
                self._sessions.pop(named, None)

    def _forget_idle(self) -> None:
        now = self._clock()
        for name, session in list(self._sessions.items()):
            if not session.under_way and now - session.left >= IDLE_SECONDS:
                del self._sessions[name]

    def _too_many_sessions(self, mine: list[_Session]) -> TooMany:
        words = _(
            "This token has %(most)d sessions open, as many as one may. End one with DELETE and its Mcp-Session-Id; "
            "each ends by itself after %(minutes)d minutes without a request.",
            most=SESSIONS_EACH,
            minutes=IDLE_SECONDS // 60,
        )
        idle = [session.left for session in mine if not session.under_way]
        if not idle:
            return TooMany("too_many_sessions", words, limit=SESSIONS_EACH)
        seconds = math.ceil(min(idle) + IDLE_SECONDS - self._clock())  # nosemgrep: money-as-binary-fraction no money
        return TooMany("too_many_sessions", words, limit=SESSIONS_EACH, retry_after=max(1, seconds))


@contextmanager
def _counted(counts: Counter[str], mark: str) -> Generator[None]:
    counts[mark] += 1
    try:
        yield
    finally:
        counts[mark] -= 1
        if not counts[mark]:
            del counts[mark]


def _too_many_requests() -> TooMany:
    words = _(
        "This token has %(most)d requests under way, as many as one may. Wait until some are answered, then go on.",
        most=REQUESTS_EACH,
    )
    return TooMany("too_many_requests", words, limit=REQUESTS_EACH)


def _too_many_streams() -> TooMany:
    words = _(
        "This token has %(most)d streams open, as many as one may. Close one, or give each agent a token of its own.",
        most=STREAMS_EACH,
    )
    return TooMany("too_many_streams", words, limit=STREAMS_EACH)
