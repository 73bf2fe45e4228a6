"""Making a backup while others write, and verifying one, fresh or old."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from vela import __version__, schema
from vela.backup import postgres_dump, sqlite_file
from vela.backup.contents import contents_of
from vela.backup.manifest import Manifest, sha256, to_disk
from vela.backup.sets import SECRET, BackupSet, kind_of, making_room, newest_verified, put_in_place, rotate
from vela.backup.swapping import refuse_interrupted
from vela.clock import now
from vela.db import Database
from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents
from vela.settings import Settings

SQLITE = "sqlite"
FRESH = timedelta(days=1)


def make(settings: Settings, *, keep_all: bool = False) -> tuple[BackupSet, list[str]]:
    """A new set in the backup folder, verified unless its manifest names problems, and the names of sets that went.

    Sets are removed only after a verified one was made, and never with `keep_all`. Nothing under a final name is ever
    half done. Raises Conflict without a database, or while a restore or a new secret is half way; Unavailable, OSError.
    """
    refuse_interrupted(settings)
    if settings.next_secret_file.exists():
        words = _("A new secret was begun and is not in its place, so a backup would lack it. Finish it first: "
                  "vela secret rotate")  # fmt: skip
        raise Conflict("secret_half_way", words)
    database = Database(settings.database_url)
    try:
        if schema.standing(database) is None:
            raise Conflict("no_schema", _("There is nothing to back up: the database is empty, or not there."))
        with making_room(settings.backup_dir) as fresh:
            made = put_in_place(fresh, _made(settings, database, fresh))
            rotating = made.manifest.verified_at is not None and not keep_all
            return made, rotate(settings.backup_dir) if rotating else []
    finally:
        database.close()


def proven_already(settings: Settings) -> BackupSet | None:
    """The newest verified set, when it is untouched, less than a day old and holds just what the books hold now.

    Raises Unavailable, OSError.
    """
    found = newest_verified(settings)
    if found is None or now() - found.manifest.made_at > FRESH or altered(found):
        return None
    secret = sha256(settings.secret_file) if settings.secret_file.exists() else None
    database = Database(settings.database_url)
    try:
        same = found.manifest.contents == contents_of(database) and found.manifest.secret_sha256 == secret
    finally:
        database.close()
    return found if same else None


def _made(settings: Settings, database: Database, folder: Path) -> Manifest:
    """Copy everything into `folder` and look at it again."""
    made_at = now()
    file = folder / (sqlite_file.FILE_NAME if database.is_sqlite else postgres_dump.FILE_NAME)
    held = (sqlite_file if database.is_sqlite else postgres_dump).copy(database, file)
    how, wrong = _proven(file, held, None if database.is_sqlite else database)
    return Manifest(
        made_at=made_at,
        vela_version=__version__,
        database=kind_of(settings),
        file=file.name,
        size=file.stat().st_size,
        sha256=sha256(file),
        secret_sha256=_copy_secret(settings, folder),
        contents=held,
        verified_at=None if wrong else now(),
        verification=how,
        problems=wrong,
    )


def _copy_secret(settings: Settings, folder: Path) -> str | None:
    if not settings.secret_file.exists():
        return None
    copied = folder / SECRET
    copied.touch(mode=0o600)
    shutil.copyfile(settings.secret_file, copied)
    to_disk(copied)
    return sha256(copied)


def _proven(file: Path, wanted: Contents, server: Database | None) -> tuple[str, list[str]]:
    if file.name == sqlite_file.FILE_NAME:
        return sqlite_file.VERIFICATION, sqlite_file.problems(file, wanted)
    return postgres_dump.problems(file, wanted, server)


def altered(found: BackupSet) -> list[str]:
    """The files of a set that are not what the manifest says, in sentences."""
    manifest = found.manifest
    wanted = {manifest.file: manifest.sha256}
    if manifest.secret_sha256 is not None:
        wanted[SECRET] = manifest.secret_sha256
    wrong: list[str] = []
    for name, hash_then in wanted.items():
        path = found.folder / name
        if not path.is_file():
            wrong.append(_("%(file)s is missing.", file=name))
        elif sha256(path) != hash_then:
            wrong.append(_("%(file)s is not what was written: its sha256 differs.", file=name))
    return wrong


def verify(settings: Settings, found: BackupSet) -> BackupSet:
    """Prove a set anew and write into its manifest what came out. Raises Unavailable, OSError."""
    wrong, how = altered(found), found.manifest.verification
    if not wrong:
        server = Database(settings.database_url) if kind_of(settings) == found.manifest.database != SQLITE else None
        try:
            how, wrong = _proven(found.file, found.manifest.contents, server)
        finally:
            if server is not None:
                server.close()
    manifest = replace(found.manifest, verified_at=None if wrong else now(), verification=how, problems=wrong)
    manifest.write(found.folder)
    return BackupSet(found.folder, manifest)
