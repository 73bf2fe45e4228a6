"""Copying a PostgreSQL database into one archive as it is at one moment, and proving what is in the archive."""

import re
from pathlib import Path

from sqlalchemy import Connection, func, select

from vela.backup import scratch
from vela.backup.contents import contents_of, problems_in
from vela.backup.manifest import to_disk
from vela.backup.postgres_tools import environment, reading, run, server_version, tool
from vela.db import Database
from vela.errors import Unavailable
from vela.language import gettext as _
from vela.measuring import Contents, measure

FILE_NAME = "vela.dump"
RESTORED, READ = "restored", "read"
COPIED = re.compile(rb'COPY public\."?(\w+)"? \(')


def copy(database: Database, target: Path) -> Contents:
    """Dump `database` into the file `target`; what it held at that moment comes back. Raises Unavailable, OSError."""
    target.touch(mode=0o600)
    with database.reading() as session:
        connection = session.connection()
        pg_dump = tool("pg_dump", server_version(connection))
        snapshot = str(connection.scalar(select(func.pg_export_snapshot())))
        held = measure(connection)
        words = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--snapshot={snapshot}"]
        run([pg_dump, *words, f"--file={target}"], environment(database.engine))
    to_disk(target)
    return held


def fill(database: Database, name: str, file: Path) -> None:
    """Put what is in the archive `file` into the empty database `name` of the same server, all or nothing."""
    with database.reading() as session:
        pg_restore = tool("pg_restore", server_version(session.connection()))
    words = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password"]
    run([pg_restore, *words, f"--dbname={name}", str(file)], environment(database.engine, name))


def problems(file: Path, wanted: Contents, database: Database | None) -> tuple[str, list[str]]:
    """How an archive that should hold `wanted` was proven, and what is wrong with it; nothing when it is right.

    Restored into a database of its own on the server of `database` where the role may make one; else read whole.
    """
    try:
        if database is not None and scratch.may_create(database):
            with scratch.database_for(database) as name:
                fill(database, name, file)
                return RESTORED, _compared(scratch.beside(database, name), wanted)
        return READ, _read_through(file, wanted)
    except Unavailable as refusal:
        return READ, [refusal.message]


def _compared(restored: Database, wanted: Contents) -> list[str]:
    try:
        return _differences(wanted, contents_of(restored)) + problems_in(restored)
    finally:
        restored.close()


def _differences(wanted: Contents, found: Contents) -> list[str]:
    return [
        _("%(name)s: should be %(wanted)s, is %(found)s.", name=name, wanted=should, found=there)
        for name, should, there in wanted.differences(found)
    ]


def _read_through(file: Path, wanted: Contents) -> list[str]:
    """Count the rows in the archive itself, which also decompresses and checks every block of it."""
    rows = rows_in(file)
    counted = Contents(wanted.schema_revision, rows, wanted.sums, wanted.audit_entry, wanted.audit_hash)
    return _differences(wanted, counted)


def rows_in(file: Path) -> dict[str, int]:
    """Rows by table in an archive. Raises Unavailable when it cannot be read to its end."""
    rows: dict[str, int] = {}
    name: str | None = None
    errors = file.with_name(f".{file.name}.errors")
    try:
        with reading(
            [tool("pg_restore", 0), "--data-only", "--file=-", str(file)], environment_alone(), errors
        ) as lines:
            for line in lines:
                if name is None:
                    found = COPIED.match(line)
                    name = found[1].decode() if found else None
                    if name is not None:
                        rows[name] = 0
                elif line == b"\\.\n":
                    name = None
                else:
                    rows[name] += 1
    finally:
        errors.unlink(missing_ok=True)
    return rows


def environment_alone() -> dict[str, str]:
    """For a tool that reads a file and no server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def others_connected(connection: Connection) -> int:
    """How many others use the database of this connection."""
    words = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    return int(connection.exec_driver_sql(words).scalar() or 0)
