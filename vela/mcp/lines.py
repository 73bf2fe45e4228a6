"""One line of the log for everything an agent asks for."""

import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from time import perf_counter
from typing import cast

from vela import events
from vela.domain.people.access import Face
from vela.tracing import request_id

asker: ContextVar[str] = ContextVar("asker", default="")
"""The name of the user the agent acts as, once it is known."""
address: ContextVar[str] = ContextVar("address", default="")
"""Where the agent calls from; empty on the machine itself."""


class Line:
    """What is to be said of a call: how it ended, in the numbers of HTTP, as on the other faces."""

    status: int = HTTPStatus.OK
    is_told: bool = False
    """Whether another line says it."""


@contextmanager
def line(method: str, route: str) -> Generator[Line]:
    """Give the call an id of its own, or that of the request it came with, and write about it when the block ends."""
    ids, names = request_id.set(request_id.get() or str(uuid.uuid4())), asker.set("")
    started, written = perf_counter(), Line()
    try:
        yield written
    finally:
        seconds = perf_counter() - started
        if not written.is_told:
            who = {"user": asker.get(), "face": Face.AGENT.value}
            events.answered(route, method, written.status, seconds, **who | _where())
        request_id.reset(ids)
        asker.reset(names)


def _where() -> dict[str, str]:
    return {"address": address.get()} if address.get() else {}


def texts(value: object) -> list[str]:
    """Every text in the arguments of a call."""
    match value:
        case str():
            return [value]
        case Mapping():
            items = cast("Mapping[str, object]", value)
            return [text for each in items.values() for text in texts(each)]
        case list():
            return [text for each in cast("list[object]", value) for text in texts(each)]
        case _:
            return []
