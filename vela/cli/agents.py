"""Serving agents over HTTP, beside whoever serves the pages."""

import gc
import socket
from contextlib import closing
from dataclasses import replace

import click

from vela import locks, logs
from vela.checkpoints import Keeper
from vela.cli.serving import family_of, refuse_known_passwords, refuse_open_http, say_that_it_runs, why_not
from vela.cli.terminal import books
from vela.db import Database
from vela.language import gettext as _
from vela.settings import BadSetting, Settings

VARIABLE = "VELA_MCP_BIND"
WAITING = 256


@click.command()
def mcp() -> None:
    """Serve agents over HTTP at VELA_MCP_BIND until it is told to stop. Each request brings a personal token."""
    settings = Settings.from_environment()
    at = replace(settings, bind=settings.mcp_bind)
    _refuse_one_for_all(settings)
    refuse_open_http(at, VARIABLE)
    _refuse_nameless(at)
    with books() as database:
        refuse_known_passwords(at, database)
        say_that_it_runs(settings)
        _be_alone(settings)
        with closing(_listening(settings.mcp_bind)) as listening:
            _serve(settings, database, listening)


def _serve(settings: Settings, database: Database, listening: socket.socket) -> None:
    from vela.mcp.listening import serve  # noqa: PLC0415 half a second that only serving needs

    gc.freeze()  # what was imported stays to the end, which would otherwise wait for a last look through all of it
    logs.configure(logs.style_for(settings.log))
    keeper = Keeper(database.path) if database.path else None
    if keeper:
        keeper.start()
    logs.log().info("agents are served", bind=settings.mcp_bind)
    try:
        serve(settings, database, listening)
    finally:
        if keeper:
            keeper.stop()


def _refuse_one_for_all(settings: Settings) -> None:
    """Raises BadSetting where somebody thinks that all agents act as one user."""
    if settings.mcp_user:
        words = _(
            "VELA_MCP_USER is for an agent's host that starts the server itself. Over HTTP every agent brings a token "
            "of its own: take VELA_MCP_USER away, and make tokens with `vela token create USERNAME`."
        )
        raise BadSetting(words)


def _refuse_nameless(at: Settings) -> None:
    """Raises BadSetting where other machines may come in, and by which name they do is not said."""
    if at.is_local:
        return
    if not at.mcp_url:
        words = _(
            "VELA_MCP_URL is not set. Say the address by which agents reach this server, such as "
            "https://vela.example.com/mcp: requests under any other name are refused."
        )
        raise BadSetting(words)
    if not at.mcp_url.startswith("https://") and not at.allow_http:
        words = _(
            "VELA_MCP_URL=%(url)s would have tokens sent without encryption. Let it begin with https://, or say that "
            "you mean it with VELA_ALLOW_HTTP=1.",
            url=at.mcp_url,
        )
        raise BadSetting(words)


def _be_alone(settings: Settings) -> None:
    """Hold a lock while this process lives. Raises BadSetting when another serves agents from this data folder."""
    try:
        locks.take(settings.agents_lock)
    except locks.Held:
        raise BadSetting(
            _("Another `vela mcp` serves these books already. One process is enough for all agents; stop it first.")
        ) from None


def _listening(bind: str) -> socket.socket:
    """A socket that listens at `bind`. Raises BadSetting when it cannot."""
    host, _colon, port = bind.rpartition(":")
    try:
        listening = socket.create_server((host.strip("[]"), int(port)), family=family_of(bind), backlog=WAITING)
    except OSError as error:
        raise BadSetting(why_not(bind, error, VARIABLE)) from None
    # What is accepted here inherits it: the end of an answer does not wait until its beginning was acknowledged.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
