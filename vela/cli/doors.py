"""Commands about the doors: the first admin of new books, and a new secret in place of the old one."""

import click

from vela import schema
from vela.backup.swapping import refuse_interrupted
from vela.cli.books import bring_up_to_date, refuse_vanished
from vela.cli.people import generated_password
from vela.cli.terminal import Commands, books, remark
from vela.db import Database
from vela.domain.people import commands, queries
from vela.domain.people.access import Role, operator
from vela.domain.people.intake import NewUser
from vela.domain.people.passwords import accepted
from vela.errors import Conflict
from vela.intake import read
from vela.language import gettext as _
from vela.language import ngettext
from vela.rotating import rotate_secret
from vela.settings import Settings

FIRST = "admin"


@click.command()
def init() -> None:
    """Make the books and their first admin, whose password is printed once and has to be changed at once."""
    settings = Settings.from_environment()
    refuse_interrupted(settings)
    database = Database(settings.database_url)
    try:
        if schema.is_older(database):
            raise Conflict("old_schema", _("There are books already, of an older Vela. First: vela migrate"))
        refuse_vanished(settings, database)
        bring_up_to_date(database)
        password = _make_first_admin(database)
    finally:
        database.close()
    remark(_("The first admin is %(name)s, with this password. It is not shown again; signing in", name=FIRST))
    remark(_("asks for another one before anything else. Now serve Vela: vela serve"))
    click.echo(password)


def _make_first_admin(database: Database) -> str:
    """An admin with a random password. Raises Conflict when there are users."""
    password = generated_password()
    words = read(
        NewUser, {"username": FIRST, "display_name": _("Admin"), "role": Role.ADMIN.value, "password": password}
    )
    kept = accepted(password, FIRST)
    with database.transaction() as session:
        if queries.users(session):
            words_ = _("There are users already. See who: vela user list. A new password: vela user set-password NAME")
            raise Conflict("not_new", words_)
        commands.create_user(session, operator(), words, password=kept, must_change=True)
    return password


@click.group(cls=Commands)
def secret() -> None:
    """The key that signs sign-ins and seals second factors."""


@secret.command()
def rotate() -> None:
    """Put a new key in place of the old one, which signs everybody out. Vela has to be stopped meanwhile."""
    with books() as database:
        resealed = rotate_secret(Settings.from_environment(), database)
    remark(_("There is a new secret; everybody signs in again. Personal tokens go on working."))
    sealed = ngettext(
        "%(count)d second factor was sealed anew.", "%(count)d second factors were sealed anew.", resealed
    )
    remark(sealed)
