"""Running PostgreSQL's own tools: which are there, whether they fit the server, and how they get the password."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine

from vela.errors import Unavailable
from vela.language import gettext as _

VERSION = re.compile(r"\) (\d+)")
# What a tool may take from our own environment; how to reach the database comes from the settings alone.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PGPASSWORD", "PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT")


def environment(engine: Engine, database: str | None = None) -> dict[str, str]:
    """The variables by which a tool reaches the engine's database, or another one beside it; the password included."""
    _args, words = engine.dialect.create_connect_args(engine.url)
    said = {name: value for name, value in words.items() if name != "context"}
    if database is not None:
        said["dbname"] = database
    options = pq.Conninfo.parse(make_conninfo(**said).encode())
    known = {
        each.envvar.decode(): each.val.decode() for each in options if each.envvar is not None and each.val is not None
    }
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | known


def tool(name: str, server: int) -> str:
    """The path of `pg_dump` or `pg_restore` for a server of major version `server`. Raises Unavailable."""
    path = shutil.which(name)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""  # noqa: S603 found on the PATH by its own name
    found = VERSION.search(said)
    if path is None or found is None:
        words = _(
            "%(tool)s is not installed. On Debian: apt install postgresql-client-%(version)s", tool=name, version=server
        )
        raise Unavailable("no_pg_tools", words)
    if int(found[1]) < server:
        words = _(
            "%(tool)s is of version %(found)s and the server of version %(version)s; it has to be as new as the "
            "server. On Debian: apt install postgresql-client-%(version)s",
            tool=name,
            found=found[1],
            version=server,
        )
        raise Unavailable("old_pg_tools", words)
    return path


def server_version(connection: Connection) -> int:
    """The major version of the server, such as 15."""
    return int(str(connection.exec_driver_sql("SHOW server_version_num").scalar())) // 10_000


def run(command: list[str], seen: dict[str, str]) -> None:
    """Run a tool to its end. Raises Unavailable with its own words when it does not end well."""
    done = subprocess.run(command, env=seen, capture_output=True, text=True, check=False)  # noqa: S603 a tool found by `tool`
    if done.returncode != 0:
        raise _failed(command, done.stderr)


@contextmanager
def reading(command: list[str], seen: dict[str, str], errors: Path) -> Generator[IO[bytes]]:
    """What a tool writes, line by line; its complaints go through the file `errors`. Raises Unavailable at the end."""
    with (
        errors.open("w+b") as complaints,
        subprocess.Popen(command, env=seen, stdout=subprocess.PIPE, stderr=complaints) as process,  # noqa: S603 the same
    ):
        if process.stdout is None:
            raise _failed(command, "")
        yield process.stdout
        process.stdout.read()
        if process.wait() != 0:
            complaints.seek(0)
            raise _failed(command, complaints.read().decode(errors="replace"))


def _failed(command: list[str], said: str) -> Unavailable:
    first = next((line for line in said.splitlines() if "error" in line), said.strip().partition("\n")[0])
    words = _("%(tool)s could not do it: %(words)s", tool=Path(command[0]).name, words=first)
    return Unavailable("pg_tool_failed", words)
