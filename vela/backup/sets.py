"""The folder of backups: which sets are in it, making room for a new one, and taking one away whole."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from vela import locks
from vela.backup.manifest import Manifest, to_disk
from vela.backup.rotation import Kept, surplus
from vela.clock import now
from vela.errors import Conflict, NotFound
from vela.settings import Settings

PREFIX = "vela-"
MAKING, REMOVING = ".making-", ".removing-"
LOCK = ".lock"
SECRET = "secret"  # noqa: S105 the name of a file
OLD_AFTER = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class BackupSet:
    """A folder with a copy of the database, a copy of the secret, and the manifest."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def file(self) -> Path:
        return self.folder / self.manifest.file

    @property
    def secret(self) -> Path | None:
        return None if self.manifest.secret_sha256 is None else self.folder / SECRET


def kind_of(settings: Settings) -> str:
    """`sqlite` or `postgresql`, whichever the books are kept in."""
    return make_url(settings.database_url).get_backend_name()


def sets(folder: Path) -> list[BackupSet]:
    """The backups in `folder`, newest first; what cannot be read as one is passed over."""
    found: list[BackupSet] = []
    for each in folder.glob(f"{PREFIX}*") if folder.is_dir() else ():
        try:
            found.append(BackupSet(each, Manifest.read(each)))
        except Conflict:
            continue
    return sorted(found, key=lambda each: (each.manifest.made_at, each.name), reverse=True)


def find(settings: Settings, said: str) -> BackupSet:
    """The set at a path, or of that name in the backup folder; `latest` is the newest verified one.

    Raises NotFound, Conflict.
    """
    if said == "latest":
        newest = newest_verified(settings)
        if newest is None:
            raise NotFound("backup", said)
        return newest
    for folder in (Path(said), settings.backup_dir / said):
        if folder.is_dir():
            return BackupSet(folder.resolve(), Manifest.read(folder))
    raise NotFound("backup", said)


def last_verified(settings: Settings) -> Manifest | None:
    """The newest backup of these books that is there and verified; None without one."""
    newest = newest_verified(settings)
    return newest.manifest if newest else None


def is_old(manifest: Manifest | None) -> bool:
    """Whether the last verified backup is missing, or was made longer ago than it should have been."""
    return manifest is None or now() - manifest.made_at > OLD_AFTER


def newest_verified(settings: Settings) -> BackupSet | None:
    """The newest set of this kind of database that is there and verified; None without one."""
    kind = kind_of(settings)
    return next((each for each in sets(settings.backup_dir) if _counts(each, kind)), None)


def _counts(each: BackupSet, kind: str) -> bool:
    if each.manifest.verified_at is None or each.manifest.database != kind:
        return False
    try:
        return each.file.stat().st_size == each.manifest.size
    except OSError:
        return False


@contextmanager
def making_room(folder: Path) -> Generator[Path]:
    """A folder for a new set, removed when the block fails; what a killed run left behind goes first.

    Only one process at a time makes or removes sets; others wait. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    with locks.held(folder / LOCK, wait=True):
        for left in (*folder.glob(f"{MAKING}*"), *folder.glob(f"{REMOVING}*")):
            shutil.rmtree(left)
        fresh = folder / f"{MAKING}{now():%Y%m%dT%H%M%S%f}"
        fresh.mkdir(mode=0o700)
        try:
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def put_in_place(fresh: Path, manifest: Manifest) -> BackupSet:
    """Give a complete set its name, which it then has on the disk too. Raises OSError."""
    manifest.write(fresh)
    final = _free_name(fresh.parent, f"{PREFIX}{manifest.made_at:%Y%m%dT%H%M%SZ}")
    fresh.rename(final)
    to_disk(final.parent)
    return BackupSet(final, manifest)


def _free_name(folder: Path, name: str) -> Path:
    taken = (folder / (name if number == 1 else f"{name}-{number}") for number in range(1, 10_000))
    return next(each for each in taken if not each.exists())


def rotate(folder: Path) -> list[str]:
    """Remove what the rule does not keep, each set all at once; returns their names."""
    found = [Kept(each.name, each.manifest.made_at, each.manifest.verified_at is not None) for each in sets(folder)]
    names = [each.name for each in surplus(found)]
    for name in names:
        going = folder / f"{REMOVING}{name}"
        (folder / name).rename(going)
        shutil.rmtree(going)
    return names
