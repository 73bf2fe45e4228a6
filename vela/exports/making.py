"""Making a file of what can be exported: whole before any of it is sent, and one at a time for each person."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, Self, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from vela import clock
from vela.domain.people.access import Actor
from vela.domain.workspace.settings import workspace
from vela.errors import Conflict
from vela.language import gettext as _
from vela.sheets.files import FORMATS
from vela.sheets.headings import Filled
from vela.sheets.writing import About
from vela.turns import Turns

IN_MEMORY = 1_000_000  # bytes; what is larger waits on the disk for its reader
PIECE = 65_536  # bytes
PATIENCE = 5.0  # seconds

_turns: defaultdict[int | None, Turns] = defaultdict(Turns)


@dataclass(frozen=True, slots=True)
class Export:
    """A list to be taken away: what its file is called, what stands in it, and what the caller narrowed it to."""

    name: str
    filled: Filled
    of: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is ready to be sent, of `size` bytes; whoever sends it closes `file`."""

    name: str
    media_type: str
    file: IO[bytes]
    size: int

    @classmethod
    def of(cls, name: str, media_type: str, file: IO[bytes]) -> Self:
        """What was written to `file`, from its beginning."""
        size = file.seek(0, SEEK_END)
        file.seek(0)
        return cls(name, media_type, file, size)

    @property
    def disposition(self) -> str:
        """The header Content-Disposition with which programs keep it under its name."""
        return f'attachment; filename="{self.name}"'

    def content(self) -> bytes | Iterator[bytes]:
        """All of it, when it is small, and `file` is closed then; else piece by piece, as somebody reads it."""
        if self.size > IN_MEMORY:
            return iter(partial(self.file.read, PIECE), b"")
        with self.file:
            return self.file.read()


def made(session: Session, actor: Actor, export: Export, ending: str) -> Made:
    """`export` as a file of the kind `ending` (a key of FORMATS), in the language that is spoken.

    It is made as a whole before any of it is sent, so that a reader gets all of it or an error, and a slow reader keeps
    nobody waiting. Raises Conflict while another file is being made for the same user.
    """
    books, kind = workspace(session), FORMATS[ending]
    said = {key: str(value) for key, value in export.of.items() if value}
    about = About(ZoneInfo(books.time_zone), books.currency, clock.now(), said)
    with one_at_a_time(actor):
        file = cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 it is closed when it has been sent
        try:
            kind.write(export.filled, about, file)
        except BaseException:
            file.close()
            raise
    return Made.of(f"vela-{export.name}.{ending}", kind.media_type, file)


def kept(name: str, media_type: str, data: bytes) -> Made:
    """A file of which all bytes are known already."""
    return Made.of(name, media_type, BytesIO(data))


@contextmanager
def one_at_a_time(actor: Actor) -> Generator[None]:
    """One file at a time for each user, and one more that waits, so that nobody keeps everybody's threads busy.

    Raises Conflict.
    """
    try:
        with turns_of(actor.user_id).turn(PATIENCE, behind=0):
            yield
    except TimeoutError:
        raise Conflict("busy", _("Another file is being made for you. Ask again when you have it.")) from None


def turns_of(user_id: int | None) -> Turns:
    """The turns at which this process makes the files of one user."""
    return _turns[user_id]


def today(session: Session) -> str:
    """The present day where the books are kept, for the names of files that hold what is so now."""
    return clock.today(workspace(session).time_zone).isoformat()
