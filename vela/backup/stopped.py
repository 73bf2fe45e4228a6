"""Making sure that nobody uses the books while a backup takes their place."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vela import locks, outages
from vela.errors import Conflict
from vela.language import gettext as _
from vela.settings import Settings

BEGINNING = b"SQLite format 3\0"


@contextmanager
def nobody_serving(settings: Settings) -> Generator[None]:
    """Keep `vela serve` from starting for the length of the block. Raises Conflict while it runs; OSError."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with locks.held(settings.serving_lock):
            yield
    except locks.Held:
        words = _("Vela is running on %(folder)s. Stop it first: systemctl stop vela", folder=settings.data_dir)
        raise Conflict("running", words) from None


def is_database(path: Path) -> bool:
    """Whether there is a file that begins like an SQLite database; SQLite itself would tidy away the log of another."""
    try:
        with path.open("rb") as file:
            return file.read(len(BEGINNING)) == BEGINNING
    except FileNotFoundError:
        return False


@contextmanager
def alone_with(path: Path) -> Generator[bool]:
    """Hold the SQLite database at `path` so that nobody else reads or writes it; False when it is too damaged for that.

    Its log is moved into it first, so that the one file is all of it. Raises Conflict when somebody has it open.
    """
    if not is_database(path):
        yield False
        return
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)
    try:
        yield _settled(connection)
    finally:
        connection.close()


def _settled(connection: sqlite3.Connection) -> bool:
    try:
        # Only possible while nobody else has the file open, if only to read.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if outages.cause(error) == "busy":
            words = _(
                "Something else has the database open: an agent's MCP server, or another `vela` command. Stop it first."
            )
            raise Conflict("in_use", words) from None
        return False
    return True
