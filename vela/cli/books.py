"""Commands about the books themselves: bringing the schema up to date, loading the preset offers, proving the sums."""

import click

from vela import schema
from vela.cli.terminal import Commands, books, remark
from vela.db import Database
from vela.domain.ledger import sums as ledger_sums
from vela.domain.ledger.sums import Difference, Sums
from vela.domain.people import queries as people
from vela.language import gettext as _
from vela.language import ngettext
from vela.seeding import seed_essentials, seed_offers
from vela.settings import Settings


@click.command()
def migrate() -> None:
    """Make the database, or bring it up to date; all of it or nothing."""
    database = Database(Settings.from_environment().database_url)
    try:
        bring_up_to_date(database)
        with database.reading() as session:
            nobody = not people.users(session)
    finally:
        database.close()
    remark(_("The database is up to date."))
    if nobody:
        remark(_("Nobody can sign in yet. Make the first admin: vela user create NAME --role admin"))


def bring_up_to_date(database: Database) -> None:
    """The newest schema, and what no installation is without. Raises Conflict when a newer Vela made the database."""
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)


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
    """Make all sums anew from the sales."""
    with books() as database, database.transaction() as session:
        rows = ledger_sums.rebuild(session)
    click.echo(ngettext("Made %(count)d sum anew.", "Made %(count)d sums anew.", rows))
