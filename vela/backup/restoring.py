"""Putting a backup back: the old books are kept aside, the new ones looked at before and after."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vela import schema
from vela.backup import restoring_postgres
from vela.backup.arriving import end_sign_ins, refuse_difference
from vela.backup.contents import contents_of
from vela.backup.making import SQLITE, altered
from vela.backup.manifest import sha256, to_disk
from vela.backup.naming import free_stamp
from vela.backup.sets import BackupSet, find, kind_of
from vela.backup.stopped import alone_with, is_database, nobody_serving
from vela.backup.swapping import LOGS, Swap, as_said, interrupted, prepare_secret, put_down
from vela.db import Database
from vela.errors import Conflict, Refusal
from vela.language import gettext as _
from vela.measuring import Contents
from vela.settings import Settings

PREPARING = ".restoring-"
ASIDE = "before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: the set, what the books held before (None when they could not be read), and where that is now.

    verified   whether the set was; that the books hold what it says has been looked at in any case
    completed  whether an interrupted restore was brought to its end
    """

    set_name: str
    contents: Contents
    before: Contents | None
    kept: str
    verified: bool
    completed: bool = False


def _nobody(_done: Restored) -> None:
    """Nobody wants to know."""


def restore(
    settings: Settings, said: str, *, unverified: bool = False, told: Callable[[Restored], None] = _nobody
) -> Restored:
    """Put the set `said` (a path, a name, or `latest`) in the place of the books.

    `unverified` takes a set whose last verification found problems. An interrupted restore is completed first, and
    `told` at once when it was of another set. Raises NotFound, Conflict, Unavailable, OSError: the books are then as
    they were, or the restore was interrupted and the next call completes it.
    """
    if not settings.data_dir.exists():
        find(settings, said)  # the folder is made for a set that is there, and not for a slip of the pen
    with nobody_serving(settings):
        begun = interrupted(settings)
        done = _complete(settings, begun) if begun is not None else None
        if done is not None:
            if done.set_name in (Path(said).name, _name_of(settings, said)):
                return done
            told(done)
        found = find(settings, said)
        _refuse(settings, found, unverified=unverified)
        if found.manifest.database == SQLITE:
            return _restore_file(settings, found)
        before, kept = restoring_postgres.restore(settings, found)
        return Restored(found.name, found.manifest.contents, before, kept, found.manifest.verified_at is not None)


def _name_of(settings: Settings, said: str) -> str | None:
    with contextlib.suppress(Refusal):
        return find(settings, said).name
    return None


def _refuse(settings: Settings, found: BackupSet, *, unverified: bool) -> None:
    manifest = found.manifest
    if manifest.database != kind_of(settings):
        words = _(
            "This is a backup of %(its)s, and VELA_DATABASE_URL names %(ours)s. Restore it where it comes from and "
            "move the books with: vela copy --to ADDRESS",
            its=manifest.database,
            ours=kind_of(settings),
        )
        raise Conflict("other_database", words)
    if manifest.contents.schema_revision not in schema.known():
        words = _(
            "This backup was made by a newer Vela (%(version)s). Install that version.", version=manifest.vela_version
        )
        raise Conflict("newer_schema", words)
    wrong = altered(found)
    if wrong:
        raise Conflict("altered_backup", " ".join(wrong))
    if manifest.verified_at is None and not unverified:
        words = _("This backup is not verified: %(why)s To take it all the same, add --unverified.",
                  why=" ".join(manifest.problems[:3]))  # fmt: skip
        raise Conflict("unverified_backup", words)


def _restore_file(settings: Settings, found: BackupSet) -> Restored:
    path = Database(settings.database_url).path
    if path is None:
        raise Conflict("other_database", _("VELA_DATABASE_URL names no file."))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tidy(path.parent)
    stamp = free_stamp(lambda stamp: (path.parent / f"{ASIDE}{stamp}").exists())
    with alone_with(path):
        try:
            swap = Swap(_prepared(found, path, stamp), path, path.parent / f"{ASIDE}{stamp}", settings.data_dir)
            prepare_secret(settings.data_dir, found.secret)
        except BaseException:
            _tidy(path.parent)
            prepare_secret(settings.data_dir, None)
            raise
        swap.begin(found)
        swap.finish()
    refuse_difference(found.manifest.contents, _contents(settings.database_url), str(swap.aside))
    verified = found.manifest.verified_at is not None
    return Restored(found.name, found.manifest.contents, _before(swap), str(swap.aside), verified)


def _tidy(folder: Path) -> None:
    """Take away what was laid ready and never counted."""
    for left in folder.glob(f"{PREPARING}*.db*"):
        left.unlink()


def _complete(settings: Settings, begun: dict[str, str]) -> Restored | None:
    """Take the steps that an interrupted restore has left; None when what lies ready is not what the backup holds.

    It is then taken away, and the books are as they were. Raises Conflict, Unavailable, OSError.
    """
    done = restoring_postgres.complete(settings, begun) if "fresh" in begun else _complete_file(settings, begun)
    if done is None:
        return None
    return Restored(begun["set_name"], as_said(begun), *done, verified=bool(begun["verified"]), completed=True)


def _complete_file(settings: Settings, begun: dict[str, str]) -> tuple[Contents | None, str] | None:
    swap = Swap.read(begun, settings.data_dir)
    if swap.prepared.exists():
        with alone_with(swap.database):
            if not _holds(swap.prepared, as_said(begun)):
                swap.abandon()
                return None
            swap.finish()
    else:
        swap.finish()
    refuse_difference(as_said(begun), _contents(settings.database_url), str(swap.aside))
    return _before(swap), str(swap.aside)


def _holds(prepared: Path, wanted: Contents) -> bool:
    try:
        return wanted == _contents(f"sqlite:///{prepared}")
    except Refusal:
        return False


def _before(swap: Swap) -> Contents | None:
    """What the old books hold where they are kept now; None when they are gone, or too damaged to say."""
    kept = swap.aside / swap.database.name
    if is_database(kept) and not any(kept.with_name(f"{kept.name}{ending}").exists() for ending in LOGS):
        with contextlib.suppress(Refusal):
            return _contents(f"sqlite:///{kept}")
    return None


def _contents(url: str) -> Contents:
    database = Database(url)
    try:
        return contents_of(database)
    finally:
        database.close()


def _prepared(found: BackupSet, path: Path, stamp: str) -> Path:
    """A copy of the database beside the place where it goes, its bytes compared, ready for several writers."""
    prepared = path.parent / f"{PREPARING}{stamp}.db"
    put_down(found.file, prepared)
    if sha256(prepared) != found.manifest.sha256:
        raise Conflict("altered_backup", _("The copy is not what was read. Check the disk and the memory."))
    _arrive(prepared, found.manifest.contents)
    connection = sqlite3.connect(prepared, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    to_disk(prepared)
    return prepared


def _arrive(prepared: Path, wanted: Contents) -> None:
    database = Database(f"sqlite:///{prepared}")
    try:
        refuse_difference(wanted, contents_of(database), prepared.name)
        end_sign_ins(database)
    finally:
        database.close()
