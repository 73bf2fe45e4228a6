"""Copying an SQLite database while others write to it, and proving what is in the copy."""

import sqlite3
from pathlib import Path
from typing import Any

from vela import outages
from vela.backup.contents import contents_of, problems_in
from vela.backup.manifest import to_disk
from vela.db import Database
from vela.errors import Unavailable
from vela.language import gettext as _
from vela.measuring import Contents, measure

FILE_NAME = "vela.db"
VERIFICATION = "opened"


def copy(database: Database, target: Path) -> Contents:
    """Copy `database` to the file `target` as it is at one moment; what it held then comes back.

    The copy is a single file that needs no log beside it. Raises Unavailable, OSError.
    """
    target.touch(mode=0o600)
    with database.reading() as session:
        connection = session.connection()
        held = measure(connection)  # from here on the transaction sees this one state, and so does the copy
        source: Any = connection.connection.driver_connection
        try:
            _copy_pages(source, target)
        except sqlite3.Error as error:
            raise outages.of_driver(error) or error from error
    to_disk(target)
    return held


def _copy_pages(source: sqlite3.Connection, target: Path) -> None:
    copied = sqlite3.connect(target, isolation_level=None)
    try:
        source.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")
    finally:
        copied.close()


def problems(file: Path, wanted: Contents) -> list[str]:
    """What is wrong with a copy that should hold `wanted`, in sentences; none when it is right."""
    copied = Database(f"sqlite:///{file}")
    try:
        found = [
            _("%(name)s: should be %(wanted)s, is %(found)s.", name=name, wanted=should, found=there)
            for name, should, there in wanted.differences(contents_of(copied))
        ]
        return found + problems_in(copied)
    except Unavailable as refusal:
        return [refusal.message]
    finally:
        copied.close()
