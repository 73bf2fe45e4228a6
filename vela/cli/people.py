"""Commands about people: users, their passwords, and the personal tokens of scripts and agents."""

import secrets
import sys

import click
from sqlalchemy.orm import Session

from vela.cli.terminal import Commands, books, moment, remark, show_table
from vela.domain.people import commands, passwords, queries, second_factor, signins
from vela.domain.people.access import Role, Scope, operator
from vela.domain.people.intake import NewToken, NewUser, UserChanges
from vela.domain.people.models import User
from vela.intake import read
from vela.language import gettext as _

GENERATED_LENGTH = 20
UNMISTAKABLE = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
to_change = click.option("--must-change", is_flag=True, help="They choose their own when they sign in first.")
generated = click.option(
    "--generate", is_flag=True, help="Print a random password, once; it has to be changed at the first sign-in."
)


@click.group(cls=Commands)
def user() -> None:
    """Who may sign in."""


@user.command("create")
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value, show_default=True)
@click.option("--display-name", help="The name that others see; the username without it.")
@from_stdin
@generated
@to_change
def create_user(
    username: str, role: str, display_name: str | None, password_stdin: bool, generate: bool, must_change: bool
) -> None:
    """Make a user. Asks twice for the password, unless told where to take it from."""
    with books() as database:
        password = _password(stdin=password_stdin, generate=generate)
        said = {"username": username, "display_name": display_name or username, "role": role, "password": password}
        words, change = read(NewUser, said), must_change or generate
        kept = passwords.accepted(words.password, words.username)
        with database.transaction() as session:
            made = commands.create_user(session, operator(), words, password=kept, must_change=change)
    remark(_("%(name)s can sign in now, as %(role)s.", name=made.username, role=made.role))
    if generate:
        click.echo(password)


@user.command("list")
def list_users() -> None:
    """Everybody, active ones first."""
    with books() as database, database.reading() as session:
        rows = [_row(each) for each in queries.users(session)]
    show_table((_("USERNAME"), _("NAME"), _("ROLE"), _("STATE")), rows)


def _row(each: User) -> tuple[str, str, str, str]:
    state = _("active") if each.active else _("deactivated")
    if each.demo:
        state = _("%(state)s, demo password", state=state)
    return each.username, each.display_name, each.role, state


@user.command("set-password")
@click.argument("username")
@from_stdin
@generated
@to_change
def set_password(username: str, password_stdin: bool, generate: bool, must_change: bool) -> None:
    """Give a user a new password, which ends all their sign-ins and tokens."""
    with books() as database:
        password = _password(stdin=password_stdin, generate=generate)
        with database.reading() as session:
            found = _named(session, username)
        kept, change = passwords.accepted(password, found.username), must_change or generate
        with database.transaction() as session:
            commands.set_password(session, operator(), found.id, kept, must_change=change)
    remark(_("%(name)s has a new password; all sign-ins and tokens before it have ended.", name=username))
    if generate:
        click.echo(password)


@user.command()
@click.argument("username")
def deactivate(username: str) -> None:
    """Keep a user from signing in, and end all their sign-ins and tokens; what they did stays."""
    _switch(username, active=False)
    remark(_("%(name)s cannot sign in any more. To undo it: vela user activate %(name)s", name=username))


@user.command()
@click.argument("username")
def activate(username: str) -> None:
    """Let a deactivated user sign in again, with the password they had."""
    _switch(username, active=True)
    remark(_("%(name)s can sign in again.", name=username))


@user.command("sign-out")
@click.argument("username")
def sign_out(username: str) -> None:
    """End all sign-ins of a user, on every device; their personal tokens go on working."""
    with books() as database, database.transaction() as session:
        signins.sign_out_everywhere(session, operator(), _named(session, username))
    remark(_("%(name)s is signed out everywhere.", name=username))


@user.command("reset-second-factor")
@click.argument("username")
def reset_second_factor(username: str) -> None:
    """Take away the second factor of a user who lost it; a password is enough then."""
    with books() as database, database.transaction() as session:
        second_factor.reset(session, operator(), _named(session, username))
    remark(_("%(name)s is signed out everywhere, and signs in with a password alone now.", name=username))


def _switch(username: str, *, active: bool) -> None:
    with books() as database, database.transaction() as session:
        found = _named(session, username)
        commands.change_user(session, operator(), found.id, read(UserChanges, {"active": active}))


def _named(session: Session, username: str) -> User:
    found = queries.user_named(session, username)
    if found is None:
        words = _("There is no user named %(name)s. See who there is: vela user list", name=username)
        raise click.ClickException(words)
    return found


def generated_password() -> str:
    """A password of 20 random letters and digits that nobody mistakes for one another."""
    return "".join(secrets.choice(UNMISTAKABLE) for _place in range(GENERATED_LENGTH))


def _password(*, stdin: bool, generate: bool) -> str:
    if stdin and generate:
        raise click.UsageError(_("Say either --password-stdin or --generate."))
    if generate:
        return generated_password()
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError(_("There is no terminal to ask for a password. Say --password-stdin or --generate."))
    return click.prompt(_("Password"), hide_input=True, confirmation_prompt=_("The same again"), err=True)


@click.group(cls=Commands)
def token() -> None:
    """Personal tokens, by which scripts and agents act as a user."""


@token.command("create")
@click.argument("username")
@click.option("--name", default="Command line", show_default=True, help="What it is for, as others will see it.")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    default=Scope.WRITE.value,
    show_default=True,
    help="How far it reaches: to look, to propose what a person approves, to change the books, or to everything.",
)
@click.option("--days", type=int, help="For how many days it works; left out, until it is revoked.")
def create_token(username: str, name: str, scope: str, days: int | None) -> None:
    """Make a token and print it, alone; it is never to be seen again."""
    with books() as database, database.transaction() as session:
        found = _named(session, username)
        if not found.active:
            words = _(
                "%(name)s is deactivated, so no token would work. First: vela user activate %(name)s", name=username
            )
            raise click.ClickException(words)
        words = read(NewToken, {"name": name, "scope": Scope(scope), "expires_in_days": days}, typed=True)
        row, secret = signins.create_token(session, operator(), found, words)
    remark(_("Keep it now, it is not shown again. To revoke it: vela token revoke %(id)s", id=row.id))
    click.echo(secret)


@token.command("list")
@click.argument("username", required=False)
def list_tokens(username: str | None) -> None:
    """The tokens that work, of one user or of everybody."""
    with books() as database, database.reading() as session:
        whose = queries.users(session) if username is None else [_named(session, username)]
        rows = [
            (
                str(each.id),
                who.username,
                each.name,
                each.scope,
                f"{each.hint}…",
                moment(each.created_at),
                moment(each.expires_at),
                moment(each.last_used_at),
            )
            for who in whose
            for each in signins.tokens_of(session, who.id)
        ]
    headings = (
        _("ID"), _("USERNAME"), _("NAME"), _("SCOPE"), _("TOKEN"), _("MADE"), _("WORKS UNTIL"), _("LAST USED"),
    )  # fmt: skip
    show_table(headings, rows)


@token.command()
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """End the token with this id; `vela token list` shows the ids."""
    with books() as database, database.transaction() as session:
        ended = signins.end_token(session, operator(), token_id)
    remark(_("%(name)s does not work any more.", name=ended.name))
