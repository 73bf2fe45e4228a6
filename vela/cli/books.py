"""Commands about the books themselves: bringing the schema up to date, loading the preset offers, proving the sums."""

import click

from vela import schema
from vela.backup import making
from vela.backup.sets import sets
from vela.backup.swapping import refuse_interrupted
from vela.cli.terminal import Commands, books, remark
from vela.db import Database
from vela.domain.audit import trail
from vela.domain.ledger import sums as ledger_sums
from vela.domain.ledger.sums import Difference, Sums
from vela.domain.people import queries as people
from vela.domain.people.access import operator
from vela.domain.workspace.settings import current_month
from vela.errors import Conflict
from vela.language import gettext as _
from vela.language import ngettext
from vela.seeding import seed_essentials, seed_offers
from vela.settings import Settings


@click.command()
@click.option("--no-backup", is_flag=True, help="Take no backup first. Only for those who have just taken one.")
@click.option("--new", is_flag=True, help="Make new, empty books where others have been.")
def migrate(*, no_backup: bool, new: bool) -> None:
    """Make the database, or bring it up to date, all of it or nothing, after a verified backup of what is there."""
    settings = Settings.from_environment()
    refuse_interrupted(settings)
    database = Database(settings.database_url)
    try:
        if not new:
            refuse_vanished(settings, database)
        if no_backup:
            remark(_("No backup is taken. If the upgrade is not what you wanted, there is no way back."))
        elif schema.is_older(database):
            back_up(settings)
        bring_up_to_date(database)
        with database.reading() as session:
            nobody = not people.users(session)
    finally:
        database.close()
    remark(_("The database is up to date."))
    if nobody:
        remark(_("Nobody can sign in yet. Make the first admin: vela init"))


def refuse_vanished(settings: Settings, database: Database) -> None:
    """Raises Conflict where books have been and are not: a disk that is not mounted must not look like new books."""
    if schema.standing(database) is not None or not (settings.secret_file.exists() or sets(settings.backup_dir)):
        return
    words = _(
        "There are no books at %(place)s, but there have been books of this installation: %(folder)s has their secret "
        "or their backups. Mount the disk, start the database, or set VELA_DATABASE_URL right; bring them back with "
        "`vela restore latest`; or make new, empty ones with `vela migrate --new`. Nothing was changed.",
        place=database.path or database.engine.url.render_as_string(hide_password=True),
        folder=settings.data_dir,
    )
    raise Conflict("books_missing", words)


def back_up(settings: Settings) -> None:
    """Take a backup, and keep all older ones; one that was just taken of the same will do.

    Raises Conflict when it cannot be verified.
    """
    taken = making.proven_already(settings)
    if taken is not None:
        remark(_("Backed up already to %(folder)s", folder=taken.folder))
        return
    made, _removed = making.make(settings, keep_all=True)
    if made.manifest.verified_at is None:
        words = _(
            "The backup before the upgrade is not verified: %(why)s Nothing was changed. Mend that first, or add "
            "--no-backup.",
            why=" ".join(made.manifest.problems[:3]),
        )
        raise Conflict("unverified_backup", words)
    remark(_("Backed up to %(folder)s", folder=made.folder))


def bring_up_to_date(database: Database) -> None:
    """The newest schema, and what no installation is without. Raises Conflict when a newer Vela made the database."""
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session, since=current_month(session))


@click.command()
@click.option("--offers", is_flag=True, required=True, help="The four preset offers, list prices included.")
def seed(offers: bool) -> None:
    """Load starting data, once, into a catalog that is still empty."""
    with books() as database, database.transaction() as session:
        loaded = offers and seed_offers(session)
    remark(_("Loaded the four preset offers.") if loaded else _("There are offers already; nothing was loaded."))


@click.group(cls=Commands)
def sums() -> None:
    """The monthly sums that every figure is read from."""


@sums.command()
def check() -> None:
    """Prove the sums against the sales themselves; exit status 1 when they differ."""
    with books() as database, database.reading() as session:
        wrong = ledger_sums.check(session)
    for difference in wrong:
        click.echo(_told(difference))
    if wrong:
        words = ngettext("%(count)d sum differs from the sales.", "%(count)d sums differ from the sales.", len(wrong))
        raise click.ClickException(f"{words} {_('Make them anew: vela sums rebuild')}")
    click.echo(_("The sums agree with the sales."))


def _told(difference: Difference) -> str:
    return _(
        "%(month)s, offer %(service)s, revision %(revision)s: kept %(kept)s, sold %(true)s",
        month=difference.month,
        service=difference.service_id,
        revision=difference.revision_id,
        kept=_summed(difference.kept),
        true=_summed(difference.true),
    )


def _summed(found: Sums | None) -> str:
    if found is None:
        return _("nothing")
    return _(
        "%(sales)s sales of %(quantity)s units, revenue %(revenue)s, cost %(cost)s",
        sales=found.sales,
        quantity=found.quantity,
        revenue=found.revenue,
        cost=found.cost,
    )


@sums.command()
def rebuild() -> None:
    """Make all sums anew from the sales. It may be done while Vela is read-only; `vela check` lets go of it then."""
    with books() as database, database.transaction() as session:
        rows = ledger_sums.rebuild(session)
        trail.record(session, operator(), "rebuild sums", "books", None, after={"sums": rows}, even_when_stopped=True)
    click.echo(ngettext("Made %(count)d sum anew.", "Made %(count)d sums anew.", rows))
