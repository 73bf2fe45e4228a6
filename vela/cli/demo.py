"""Trying Vela out: example data on this machine alone, and taking it away again."""

import logging
import os
import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session

from vela import schema
from vela.cli import serving
from vela.cli.books import back_up, bring_up_to_date
from vela.cli.terminal import Commands, books, remark
from vela.db import Database
from vela.domain.ledger.commands import clear_samples
from vela.domain.people import signins
from vela.domain.people.access import Role, operator
from vela.domain.people.intake import NewToken
from vela.domain.people.models import User
from vela.intake import read
from vela.language import gettext as _
from vela.language import ngettext
from vela.mcp.registration import registration
from vela.seeding import DEMO_USERS, demo_users, seed_demo
from vela.settings import PROJECT, BadSetting, Settings

TOKEN_FILE = "agent-token"  # noqa: S105 the name of the file, not what is in it
TOKEN_NAME = "Demo agent"  # noqa: S105 what it is called in lists


@click.group(cls=Commands, invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Serve Vela with example data, to this machine alone. The data stays for the next time."""
    if context.invoked_subcommand is None:
        _try_out(Settings.from_environment())


def _try_out(settings: Settings) -> None:
    if not settings.is_local:
        raise BadSetting(
            _(
                "The demo's passwords are known to everybody, so it serves this machine alone: set VELA_BIND to "
                "127.0.0.1 and a port. Real books are served with: vela serve"
            )
        )
    database = Database(settings.database_url)
    try:
        if schema.is_older(database):
            back_up(settings)
        bring_up_to_date(database)
        with database.transaction() as session:
            seed_demo(session)
            accounts = demo_users(session)
        agent_token = _agent_token(database, settings.data_dir / TOKEN_FILE, accounts)
    finally:
        database.close()
    welcome = _welcome(settings, accounts, agent_token)
    # Unless a log is asked for, how to sign in stays in sight.
    level = logging.INFO if settings.log else logging.WARNING
    serving.run(settings, log_level=level, greet=lambda: click.echo(welcome))


def _agent_token(database: Database, path: Path, accounts: list[User]) -> str | None:
    """The token in `path` while it works; else a fresh one for a demo admin, kept there; None without such an admin."""
    with database.transaction() as session:
        kept = path.read_text().strip() if path.exists() else ""
        if kept and signins.find_token(session, kept):
            return kept
        admin = next((user for user in accounts if user.role == Role.ADMIN), None)
        return _fresh_token(session, admin, path) if admin else None


def _fresh_token(session: Session, admin: User, path: Path) -> str:
    _row, secret = signins.create_token(
        session, operator(), admin, read(NewToken, {"name": TOKEN_NAME, "scope": "write"})
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{secret}\n")
    return secret


def _welcome(settings: Settings, accounts: list[User], agent_token: str | None) -> str:
    """What the terminal shows; how to sign in comes last, where it stays in sight."""
    lines = [_("For an agent, paste this into the configuration of its host:"), ""]
    lines.append(_registration(settings, agent_token or "TOKEN"))
    if agent_token is None:
        lines += [_("and put in place of TOKEN what this prints: vela token create USERNAME"), ""]
    lines += [_("Data is in %(folder)s. Stop with Ctrl+C.", folder=settings.data_dir), ""]
    lines += [_("Vela is at %(address)s", address=address(settings.bind)), *map(_account, accounts)]
    if not accounts:
        lines.append(_("The demo accounts are gone; sign in with your own."))
    return "\n".join([*lines, ""])


def _account(user: User) -> str:
    return _(
        "Sign in as %(username)s with the password %(password)s (%(role)s).",
        username=user.username,
        password=password_of(user),
        role=user.role,
    )


def address(bind: str) -> str:
    """Where a browser finds what listens at `bind`."""
    return bind if bind.startswith("unix:") else f"http://{bind}/"


def password_of(user: User) -> str:
    """The password that everybody knows of a demo user."""
    return next((each["password"] for each in DEMO_USERS if each["username"] == user.username), "?")


def _registration(settings: Settings, agent_token: str) -> str:
    environment = {"VELA_API_TOKEN": agent_token, "VELA_DATA_DIR": str(settings.data_dir)}
    if os.environ.get("VELA_DATABASE_URL"):
        environment["VELA_DATABASE_URL"] = settings.database_url
    return registration(sys.executable, str(PROJECT / "mcp_server.py"), environment)


@demo.command()
def clear() -> None:
    """Take the sample sales out of the books altogether; offers, users and your own sales stay."""
    with books() as database, database.transaction() as session:
        removed = clear_samples(session, operator())
        accounts = demo_users(session)
    click.echo(ngettext("Removed %(count)d sample sale.", "Removed %(count)d sample sales.", removed))
    if accounts:
        remark(_("Still active, with passwords that everybody knows:"))
    for user in accounts:
        remark(_("  %(name)s: vela user set-password %(name)s, or vela user deactivate %(name)s", name=user.username))
