"""Commands about second copies of the books: backups, putting one back, and moving to another database."""

import os

import click
from sqlalchemy import make_url

from vela.backup import making, moving, restoring
from vela.backup.restoring import Restored
from vela.backup.sets import BackupSet, find, sets
from vela.backup.stopped import nobody_serving
from vela.cli.terminal import books, moment, remark, show_table
from vela.db import Database
from vela.errors import Conflict
from vela.language import gettext as _
from vela.language import ngettext
from vela.measuring import Contents
from vela.settings import Settings

MEGABYTE = 1024 * 1024


@click.command()
@click.option("--list", "listing", is_flag=True, help="Show the backups there are, newest first.")
@click.option("--verify", "again", metavar="SET", help="Prove a backup anew: a path, a name, or `latest`.")
@click.option("--keep-all", is_flag=True, help="Remove no older backup this time.")
def backup(*, listing: bool, again: str | None, keep_all: bool) -> None:
    """Back up the books while Vela runs, prove that the backup can be restored, and print its folder.

    Of older backups those of 7 days, 5 weeks and 12 months stay.
    """
    if (listing, again is not None, keep_all).count(True) > 1:
        raise click.UsageError(_("Say one of --list, --verify and --keep-all."))
    settings = Settings.from_environment()
    if listing:
        _show(sets(settings.backup_dir))
    elif again is not None:
        _told(making.verify(settings, find(settings, again)))
    else:
        made, removed = making.make(settings, keep_all=keep_all)
        _told(made)
        if removed:
            remark(ngettext("Removed %(count)d older backup.", "Removed %(count)d older backups.", len(removed)))


def _told(made: BackupSet) -> None:
    """Print the folder; raises when what is in it is not what it should be."""
    for problem in made.manifest.problems:
        remark(problem)
    if made.manifest.verified_at is None:
        words = _("The backup in %(folder)s is not verified. It stays, and counts for nothing.", folder=made.folder)
        raise click.ClickException(words)
    click.echo(str(made.folder))
    remark(how_verified(made))


def how_verified(made: BackupSet) -> str:
    """What was done to prove it, and what it holds."""
    words = {
        "opened": _("Verified: opened again, checked whole, and compared with the books."),
        "restored": _("Verified: restored into a database of its own, checked whole, and compared with the books."),
        "read": _("Verified: the archive was read whole and its rows counted. The role may not make a database to "
                  "restore it into, which would prove more."),
    }  # fmt: skip
    return f"{words.get(made.manifest.verification, '')} {_summary(made.manifest.contents)}".strip()


def _summary(contents: Contents) -> str:
    return _(
        "%(sales)s sales, revenue %(revenue)s; newest entry of the trail %(entry)s %(hash)s",
        sales=contents.rows.get("transactions", 0),
        revenue=contents.sums.get("transactions.revenue", "0"),
        entry=contents.audit_entry if contents.audit_entry is not None else "—",
        hash=contents.audit_hash or "",
    ).rstrip()


def _show(found: list[BackupSet]) -> None:
    rows = [
        (
            each.name,
            moment(each.manifest.made_at),
            each.manifest.database,
            f"{each.manifest.size / MEGABYTE:.1f} MB",
            moment(each.manifest.verified_at) if each.manifest.verified_at else _("no"),
        )
        for each in found
    ]
    show_table((_("NAME"), _("MADE"), _("DATABASE"), _("SIZE"), _("VERIFIED")), rows)


@click.command()
@click.argument("backup_set", metavar="SET")
@click.option("--unverified", is_flag=True, help="Take a backup in which problems were found.")
def restore(backup_set: str, *, unverified: bool) -> None:
    """Put a backup in the place of the books, while Vela is stopped.

    SET is a folder, a name that `vela backup --list` shows, or `latest`. What stands there now is kept.
    """
    _say(restoring.restore(Settings.from_environment(), backup_set, unverified=unverified, told=_say))


def _say(done: Restored) -> None:
    if done.completed:
        remark(_("An interrupted restore was completed."))
    _show_changes(done)
    click.echo(done.set_name)
    if done.kept:
        remark(_("What was there before is kept as %(kept)s", kept=done.kept))
    if done.verified:
        remark(_("Restored and verified: the books hold what the backup held when it was proven."))
    else:
        remark(_("Restored as it is: the books hold what the backup says, but it was never proven. See: vela check"))
    remark(_("Everybody signs in again. Passwords, personal tokens and second factors are those of the backup: what "
             "was changed or ended since counts no more, so do that again."))  # fmt: skip
    remark(_("If the backup is of an older Vela, run `vela migrate`; then start Vela."))


def _show_changes(done: Restored) -> None:
    if done.before is None:
        remark(_summary(done.contents))
        return
    changed = done.before.differences(done.contents)
    if changed:
        show_table((_("WHAT"), _("BEFORE"), _("NOW")), changed)
    else:
        remark(_("The books hold the same as before."))


@click.command()
@click.option("--to", "address", required=True, metavar="ADDRESS", help="postgresql://… or sqlite:///…, and empty.")
def copy(address: str) -> None:
    """Copy the books into another database, and compare every value of every row there.

    They stay as they are, and are used until VELA_DATABASE_URL names the other database. Stop Vela first: what is
    written meanwhile is not in the copy. Leave the password out of ADDRESS, which others on this machine can see: it is
    taken from PGPASSWORD or from ~/.pgpass.
    """
    settings = Settings.from_environment()
    wanted = Settings.from_environment({**os.environ, "VELA_DATABASE_URL": address, "VELA_WORKERS": "1"})
    if make_url(address) == make_url(settings.database_url):
        raise click.UsageError(_("The books are there already."))
    target = Database(wanted.database_url)
    try:
        with books() as source:
            contents = moving.copy_books(source, target)
    finally:
        target.close()
    click.echo(make_url(address).render_as_string(hide_password=True))
    remark(_("Copied and compared, value by value: %(summary)s", summary=_summary(contents)))
    remark(_("Now set VELA_DATABASE_URL to that address, keep VELA_DATA_DIR with its secret, and start Vela again."))
    if not _is_stopped(settings):
        remark(_("Vela was running meanwhile. What is written from now on is not in the copy: stop it, and copy again "
                 "into an empty database."))  # fmt: skip


def _is_stopped(settings: Settings) -> bool:
    try:
        with nobody_serving(settings):
            return True
    except Conflict:
        return False
