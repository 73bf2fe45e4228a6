"""Lists as files: which addresses they have, what they are called, and how they are made and sent."""

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from vela import clock
from vela.blueprints.web.guards import actor
from vela.blueprints.web.routes import pages
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

View = Callable[..., Response]
_turns: defaultdict[int | None, Turns] = defaultdict(Turns)


def files(path: str) -> Callable[[View], View]:
    """Give a view the addresses `path`.csv, .xlsx and .json; it is told the ending, besides what stands in the path."""

    def register(view: View) -> View:
        for ending in FORMATS:
            pages.add_url_rule(f"{path}.{ending}", view.__name__, view, defaults={"ending": ending})
        return view

    return register


def sent(session: Session, ending: str, name: str, filled: Filled, of: Mapping[str, object]) -> Response:
    """A sheet as a file for download, called vela-`name`; `of` is what the address narrowed it to.

    It is made as a whole before any of it is sent, so that a reader gets all of it or an error, and a slow reader keeps
    nobody waiting. Raises Conflict while another file is being made for the same user.
    """
    books, kind = workspace(session), FORMATS[ending]
    said = {key: str(value) for key, value in of.items() if value}
    about = About(ZoneInfo(books.time_zone), books.currency, clock.now(), said)
    with one_at_a_time():
        file = cast("IO[bytes]", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 it is closed when it has been sent
        try:
            kind.write(filled, about, file)
        except BaseException:
            file.close()
            raise
    return attachment(file, f"vela-{name}.{ending}", kind.media_type)


@contextmanager
def one_at_a_time() -> Generator[None]:
    """One file at a time for each user, so that nobody keeps everybody's threads busy. Raises Conflict."""
    try:
        with turns_of(actor().user_id).turn(PATIENCE):
            yield
    except TimeoutError:
        raise Conflict("busy", _("Another file is being made for you. Ask again when you have it.")) from None


def attachment(file: IO[bytes], name: str, media_type: str) -> Response:
    """An answer that browsers keep as a file; `file` is closed, at the latest when it has been sent."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if size <= IN_MEMORY:
        with file:
            response = Response(file.read(), content_type=media_type)
    else:
        response = Response(iter(partial(file.read, PIECE), b""), content_type=media_type)
        response.call_on_close(file.close)
        response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def turns_of(user_id: int | None) -> Turns:
    """The turns at which this process makes the files of one user."""
    return _turns[user_id]


def today(session: Session) -> str:
    """The present day where the books are kept, for the names of files that hold what is so now."""
    return clock.today(workspace(session).time_zone).isoformat()
