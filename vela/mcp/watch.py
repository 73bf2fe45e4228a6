"""Finding out whether what a host listens to has changed, whoever changed it: the books are looked at anew."""

import hashlib
import threading
from collections.abc import Iterable
from functools import partial

from mcp.server.subscriptions import PromptsListChanged, ResourcesListChanged, ResourceUpdated, ServerEvent

from vela.domain.audit import chain
from vela.domain.workspace.settings import current_month
from vela.errors import NotFound, Unavailable
from vela.mcp import resources
from vela.mcp.answering import done
from vela.mcp.door import Door
from vela.mcp.tools import TOOLS, currency_of, permitted

METHOD = "subscriptions/listen"


class Watch:
    """What somebody listens to, as it stood when it was last looked at.

    Something has changed when asking for it brings another answer. It is asked for only after the trail has grown or
    another month has begun, since nothing else moves what agents are shown.
    """

    def __init__(self, door: Door, events: Iterable[ServerEvent] = ()) -> None:
        self._door = door
        self._moment: object = None
        self._marks: dict[ServerEvent, str] = dict.fromkeys(events, "")
        self._looking = threading.Lock()

    def add(self, event: ServerEvent) -> None:
        """Listen to one more thing, from now on. Raises MCPError for whoever may not look."""
        with self._looking:
            self._marks[event] = done(METHOD, "", partial(_mark, self._door, event))

    def remove(self, event: ServerEvent) -> None:
        """Listen to it no longer."""
        with self._looking:
            self._marks.pop(event, None)

    def begin(self) -> None:
        """See how everything stands. Raises MCPError for whoever may not look."""
        done(METHOD, "", self._look)

    def changed(self) -> list[ServerEvent]:
        """What has changed since the last look; nothing while the books cannot be read.

        Raises MCPError when whoever listens may not look any more.
        """
        try:
            return self._look()
        except Unavailable:
            return []
        except Exception:  # noqa: BLE001 - tried once more, where it gets words and a line in the log
            return done(METHOD, "", self._look)

    def _look(self) -> list[ServerEvent]:
        moment = self._door.look(lambda session: (chain.head(session).hash, current_month(session)))
        if moment == self._moment:
            return []
        with self._looking:
            marks = {event: _mark(self._door, event) for event in self._marks}
            moved = [event for event, mark in marks.items() if mark != self._marks[event]]
            self._marks = marks
        self._moment = moment
        return moved


def _mark(door: Door, event: ServerEvent) -> str:
    """A text that another answer does not have."""
    match event:
        case ResourceUpdated(uri=uri):
            answer = _read(door, uri)
        case ResourcesListChanged() | PromptsListChanged():
            answer = door.look(currency_of)
        case _:
            answer = f"{[tool.name for tool in permitted(door.actor())]} {door.look(currency_of)}"
    return hashlib.sha256(answer.encode("utf-8", "surrogatepass")).hexdigest()


def _read(door: Door, uri: str) -> str:
    found = resources.found(uri)
    if found is None:
        return ""
    try:
        return door.run(TOOLS[found[0]], found[1]).model_dump_json()
    except NotFound:
        return ""
