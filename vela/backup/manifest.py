"""What is written down beside a backup: when it was made, of what, and what has been proven about it."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from vela.errors import Conflict
from vela.language import gettext as _
from vela.measuring import Contents

FILE_NAME = "manifest.json"
FORMAT = 1
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. It counts only while `verified_at` says when what is in it was last found to be right.

    database       sqlite or postgresql
    file           name of the copy beside this manifest
    size, sha256   of that file
    secret_sha256  of the copy of the secret; None when there was none
    verification   how: opened (SQLite), restored (into a database of its own), read (pg_restore read all of it)
    problems       what was found wrong, in sentences
    """

    made_at: datetime
    vela_version: str
    database: str
    file: str
    size: int
    sha256: str
    secret_sha256: str | None
    contents: Contents
    verified_at: datetime | None = None
    verification: str = ""
    problems: list[str] = field(default_factory=list[str])

    def write(self, folder: Path) -> None:
        """Put the manifest into `folder` at once or not at all, on the disk before this returns."""
        said = asdict(self) | {"format": FORMAT, "made_at": _instant(self.made_at)}
        said["verified_at"] = _instant(self.verified_at) if self.verified_at else None
        fresh = folder / f".{FILE_NAME}"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        to_disk(fresh)
        fresh.replace(folder / FILE_NAME)
        to_disk(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest in `folder`. Raises Conflict when there is none that this program can read."""
        try:
            said: dict[str, Any] = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
            if said.pop("format") != FORMAT:
                raise Conflict("newer_backup", _("%(set)s was made by another version of Vela.", set=folder))
            return cls(**_as_read(said))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            words = _("%(set)s is not a backup: %(file)s cannot be read.", set=folder, file=FILE_NAME)
            raise Conflict("no_backup", words) from error


def _as_read(said: dict[str, Any]) -> dict[str, Any]:
    made_at = datetime.fromisoformat(said["made_at"])
    verified_at = datetime.fromisoformat(said["verified_at"]) if said["verified_at"] else None
    names = (said["file"], said["sha256"], said["database"], said["vela_version"])
    if not all(isinstance(name, str) for name in names) or Path(said["file"]).name != said["file"]:
        raise ValueError(FILE_NAME)
    return said | {"made_at": made_at, "verified_at": verified_at, "contents": Contents(**said["contents"])}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_disk(path: Path) -> None:
    """Return only when a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
