"""Commands that prove the books: the self-check, and the chain of the trail."""

import click
from sqlalchemy.exc import SQLAlchemyError

from vela import checking
from vela.checking import Acceptance, Finding
from vela.cli.terminal import Commands, books, moment, remark, sentence, show_table
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.people.access import operator
from vela.errors import Unavailable
from vela.intake import read
from vela.language import gettext as _
from vela.language import ngettext
from vela.logs import log


@click.command()
@click.option("--accept", "reason", metavar="REASON", help="Let everything that is found stand, for this reason.")
@click.option("--accepted", "listing", is_flag=True, help="Check nothing; show what was let stand.")
@click.option("--withdraw", "code", metavar="CODE", help="Let a finding count again that was let stand.")
def check(reason: str | None, listing: bool, code: str | None) -> None:
    """Make every stored figure again from its parts. What fails makes Vela read-only; exit status 1 then."""
    if listing:
        return _show_accepted()
    with books() as database:
        if code is not None:
            with database.transaction() as session:
                checking.withdraw(session, operator(), code)
        found = checking.check(database)
        tell(found)
        if found and reason is not None:
            words = read(Acceptance, {"reason": reason})
            with database.transaction() as session:
                checking.accept(session, operator(), found, words)
            found = checking.check(database)
            remark(_("That is accepted and stands in the trail."))
    if found:
        raise click.ClickException(_summary(found))
    return click.echo(_("Everything adds up."))


def _show_accepted() -> None:
    with books() as database, database.reading() as session:
        rows = [(each.code, moment(each.at), each.reason) for each in checking.accepted(session)]
    show_table((_("CODE"), _("ACCEPTED"), _("WHY")), rows)


def prove_before_serving() -> None:
    """Run the self-check. What it finds is logged and makes the books read-only; they are served all the same."""
    try:
        with books() as database:
            found = checking.check(database)
    except (Unavailable, SQLAlchemyError) as trouble:
        log().error("check failed", error=sentence(trouble))
        return
    for each in found:
        log().error("check found", finding=each.words)


def tell(found: list[Finding]) -> None:
    """One line for each finding."""
    for each in found:
        click.echo(each.words)


def _summary(found: list[Finding]) -> str:
    words = ngettext("%(count)d thing is wrong.", "%(count)d things are wrong.", len(found))
    stays = _("Vela is read-only until `vela check` finds nothing.")
    if all(each.code.startswith("sums:") for each in found):
        return f"{words} {stays} {_('The sales are sound; make the sums anew: vela sums rebuild')}"
    advice = _('Restore a backup, or look into it and let it stand with `vela check --accept "why"`.')
    return f"{words} {stays} {advice}"


@click.group(cls=Commands)
def audit() -> None:
    """The trail of who changed what."""


@audit.command()
@click.option("--seen", "seen", metavar="HASH", help="A hash noted down earlier: it must still be part of the chain.")
def verify(seen: str | None) -> None:
    """Prove that no entry was changed, removed, added or moved; exit status 1 otherwise."""
    with books() as database:
        broken = _breaks(database)
        with database.reading() as session:
            tip = chain.head(session)
            known = seen is None or chain.contains(session, seen)
    for each in broken:
        click.echo(_("Entry %(id)s: %(words)s", id=each.entry_id, words=each.words))
    if not known:
        click.echo(_("No entry has that hash: the trail is not the one it was taken from."))
    if broken or not known:
        raise click.ClickException(_("The trail cannot be trusted. Compare it with a backup."))
    words = ngettext("%(count)d entry, unbroken.", "%(count)d entries, unbroken.", tip.entry_id)
    click.echo(f"{words} {tip.hash}")


def _breaks(database: Database) -> list[chain.Break]:
    with database.reading() as session:
        return list(chain.verify(session))
