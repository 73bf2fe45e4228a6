"""Starting the server on standard input and output, or saying in one line why it cannot start."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
from mcp.server.stdio import stdio_server
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from vela import schema
from vela.backup.swapping import refuse_interrupted
from vela.checkpoints import Keeper
from vela.db import Database
from vela.errors import Refusal
from vela.language import gettext as _
from vela.mcp.door import Door
from vela.mcp.registration import NAME
from vela.mcp.server import make_server
from vela.mcp.who import HolderOfToken, NamedUser
from vela.settings import BadSetting, Settings

CANNOT_START = 2
INTERRUPTED = 130


class CannotStart(Exception):
    """The server would be of no use; the message says what to do, in one line, and holds no secret."""


def run(messages: int) -> int:
    """Serve until standard input ends, answering on the descriptor `messages`; returns the exit status."""
    try:
        door = open_door(Settings.from_environment())
    except (BadSetting, CannotStart) as trouble:
        sys.stderr.write(f"{NAME}: {trouble}\n")
        return CANNOT_START
    try:
        with _log_kept_short(door.database):
            anyio.run(_serve, door, messages)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        door.database.close()
    return 0


@contextmanager
def _log_kept_short(database: Database) -> Generator[None]:
    """An agent may be the only one who keeps these books open, for days."""
    if database.path is None:
        yield
        return
    keeper = Keeper(database.path)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


def open_door(settings: Settings) -> Door:
    """The door that the settings describe, after trying it. Raises CannotStart."""
    _refuse_nobody(settings)
    database = _database(settings.database_url)
    who = NamedUser(settings.mcp_user) if settings.mcp_user else HolderOfToken(settings.api_token)
    door = Door(database, who, read_only=settings.mcp_read_only)
    try:
        refuse_interrupted(settings)
        schema.require_current(door.database)
        door.actor()
    except Refusal as refusal:
        door.database.close()
        raise CannotStart(refusal.message) from None
    except SQLAlchemyError:
        door.database.close()
        raise CannotStart(_unreachable(settings.database_url)) from None
    return door


def _refuse_nobody(settings: Settings) -> None:
    """Raises CannotStart unless it is said, once, whom the agent acts as."""
    if settings.api_token and settings.mcp_user:
        raise CannotStart(_("VELA_API_TOKEN and VELA_MCP_USER are both set. Take one of them away."))
    if settings.mcp_user and make_url(settings.database_url).get_backend_name() != "sqlite":
        raise CannotStart(
            _("VELA_MCP_USER is for a database file of this machine. With PostgreSQL, set VELA_API_TOKEN instead.")
        )
    if not settings.api_token and not settings.mcp_user:
        raise CannotStart(
            _("VELA_API_TOKEN is not set. Make a token with `vela token create USERNAME` and put it there.")
        )


def _database(url: str) -> Database:
    """The database at `url`; a file that is not there is not made, for most likely the address is wrong."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise CannotStart(
            _(
                "There is no database at %(path)s. Check VELA_DATA_DIR and VELA_DATABASE_URL, or run `vela migrate`.",
                path=address.database,
            )
        )
    return Database(url)


def _unreachable(url: str) -> str:
    shown = make_url(url).render_as_string(hide_password=True)
    return _("The database at %(address)s does not answer. Check VELA_DATABASE_URL.", address=shown)


async def _serve(door: Door, messages: int) -> None:
    server = make_server(door)
    with os.fdopen(messages, "w", encoding="utf-8", newline="\n") as output:
        async with stdio_server(stdout=anyio.wrap_file(output)) as (read_stream, write_stream):
            await server.run(read_stream, write_stream, server.create_initialization_options())
