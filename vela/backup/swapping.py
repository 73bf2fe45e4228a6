"""Putting a prepared SQLite database and secret in the place of the old ones, whatever moment the power fails.

A marker is written before the first file moves and removed after the last. While it stands, nothing is served, and the
next `vela restore` takes the remaining steps; each of them may be repeated. The database itself is replaced by one
rename, so that what stands in its place is always the whole old one or the whole new one.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from vela.backup.manifest import to_disk
from vela.backup.sets import BackupSet
from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents
from vela.settings import Settings

MARKER = "restoring.json"
NEW_SECRET = ".restoring-secret"  # noqa: S105 the name of a file
LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Swap:
    """Which prepared database takes the place of which, and where the old files go."""

    prepared: Path
    database: Path
    aside: Path
    data_dir: Path

    @classmethod
    def read(cls, said: Mapping[str, str], data_dir: Path) -> Self:
        """The swap that a marker speaks of."""
        return cls(Path(said["prepared"]), Path(said["database"]), Path(said["aside"]), data_dir)

    def begin(self, found: BackupSet) -> None:
        """From here on the new set counts. Raises OSError, with the old one still counting."""
        paths = {"prepared": self.prepared, "database": self.database, "aside": self.aside}
        mark(self.data_dir, described(found) | {name: str(path) for name, path in paths.items()})

    def abandon(self) -> None:
        """Go back to the old set, whose database has not been replaced. Raises OSError."""
        kept = self.aside / "secret"
        if kept.exists():
            put_down(kept, self.data_dir / NEW_SECRET)
            (self.data_dir / NEW_SECRET).replace(self.data_dir / "secret")
        prepare_secret(self.data_dir, None)
        self.prepared.unlink(missing_ok=True)
        unmark(self.data_dir)

    def finish(self) -> None:
        """Take the steps that are left. Raises OSError; then they are left for the next time."""
        self.aside.mkdir(mode=0o700, exist_ok=True)
        replace_secret(self.data_dir, self.aside / "secret")
        if self.prepared.exists():
            self._replace_database()
        for folder in (self.aside, self.database.parent):
            to_disk(folder)
        unmark(self.data_dir)

    def _replace_database(self) -> None:
        for ending in LOGS:  # there only beside a database that is too damaged to take them in
            log = self.database.with_name(f"{self.database.name}{ending}")
            if log.exists():
                log.replace(self.aside / log.name)
        _keep(self.database, self.aside / self.database.name)
        to_disk(self.aside)
        self.prepared.replace(self.database)


def described(found: BackupSet) -> dict[str, str]:
    """What a marker says of the set that is put in place."""
    contents = json.dumps(asdict(found.manifest.contents))
    return {"set_name": found.name, "contents": contents, "verified": "yes" if found.manifest.verified_at else ""}


def as_said(begun: Mapping[str, str]) -> Contents:
    """What the set that a marker speaks of holds."""
    return Contents(**json.loads(begun["contents"]))


def prepare_secret(data_dir: Path, secret: Path | None) -> None:
    """Lay a secret ready to take its place; None takes away what an earlier try has left."""
    fresh = data_dir / NEW_SECRET
    fresh.unlink(missing_ok=True)
    if secret is not None:
        put_down(secret, fresh)


def replace_secret(data_dir: Path, kept: Path) -> None:
    """Put the secret that lies ready in its place, and keep the old one as `kept`; may be repeated."""
    fresh, secret = data_dir / NEW_SECRET, data_dir / "secret"
    if fresh.exists():
        _keep(secret, kept)
        fresh.replace(secret)
        to_disk(data_dir)


def mark(data_dir: Path, said: Mapping[str, str]) -> None:
    """Write the marker, at once and on the disk."""
    fresh = data_dir / f".{MARKER}"
    fresh.write_text(json.dumps(dict(said)), encoding="utf-8")
    to_disk(fresh)
    fresh.replace(data_dir / MARKER)
    to_disk(data_dir)


def unmark(data_dir: Path) -> None:
    """All is in place."""
    to_disk(data_dir)
    (data_dir / MARKER).unlink(missing_ok=True)
    to_disk(data_dir)


def interrupted(settings: Settings) -> dict[str, str] | None:
    """What the marker says of a restore that was begun and not finished; None as a rule."""
    try:
        return json.loads((settings.data_dir / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def refuse_interrupted(settings: Settings) -> None:
    """Raises Conflict while a restore is half way."""
    said = interrupted(settings)
    if said is not None:
        words = _("A restore was interrupted. Finish it first: vela restore %(set)s", set=said["set_name"])
        raise Conflict("restore_interrupted", words)


def put_down(source: Path, target: Path) -> None:
    """A copy for the owner alone, on the disk."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    to_disk(target)


def _keep(path: Path, kept: Path) -> None:
    """Keep what is at `path` under another name too, without copying it where that is possible."""
    if kept.exists() or not path.exists():
        return
    try:
        os.link(path, kept)
    except OSError:
        halfway = kept.with_name(f".{kept.name}")
        shutil.copy2(path, halfway)
        to_disk(halfway)
        halfway.replace(kept)
