"""Files and folders: who may read them, which disk they are on, and how much room is left there."""

import stat
from collections.abc import Iterator
from pathlib import Path

from vela.doctor.findings import Finding, failure, fine, warning
from vela.language import gettext as _
from vela.settings import SECRET_BYTES, is_guessable
from vela.standing import LEAST_FREE, LITTLE_FREE

OTHERS = stat.S_IRWXG | stat.S_IRWXO
NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "ocfs2", "gfs2",
    "virtiofs", "fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.ceph", "davfs", "fuse.davfs2",
}  # fmt: skip
MEGABYTE = 1024 * 1024


def secret(path: Path) -> Finding:
    """The key that signs sign-ins: is it secret, and hard to guess?"""
    if not path.exists():
        return fine("secret", _("There is no secret yet; the first start makes one."))
    if _others_may(path):
        return _open_to_others("secret", path)
    key = path.read_bytes().strip()
    if len(key) < SECRET_BYTES or is_guessable(key):
        words = _("The secret in %(path)s can be guessed, and with it anybody can sign in as anybody.", path=path)
        return failure(
            "secret",
            words,
            _("Remove the file and restart Vela: people sign in again, and set up second factors anew."),
        )
    return fine("secret", _("The secret is long, and its owner's alone."))


def database(path: Path) -> Finding:
    """The file of the books, and the two beside it."""
    there = [each for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))) if each.exists()]
    for each in there:
        if _others_may(each):
            return _open_to_others("database_file", each)
    return fine("database_file", _("The database is readable by its owner alone."))


def folders(*paths: Path) -> Iterator[Finding]:
    """Folders of the data and the backups."""
    for path in paths:
        if path.exists() and _others_may(path):
            words = _("Others on this machine may look into %(path)s.", path=path)
            yield warning("folder", words, f"chmod 700 {path}")


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def _open_to_others(code: str, path: Path) -> Finding:
    return failure(code, _("Others on this machine may read or change %(path)s.", path=path), f"chmod 600 {path}")


def file_system(path: Path, mounts: str) -> str:
    """The kind of the file system that `path` is on, by the text of /proc/mounts; empty when it is not told."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        parts = line.split(" ")
        place = parts[1].encode().decode("unicode_escape") if len(parts) > 2 else ""
        if place and len(place) >= longest and path.is_relative_to(place):
            kind, longest = parts[2], len(place)
    return kind


def disk(path: Path, mounts: str) -> Finding:
    """A network file system loses locks, and SQLite's books with them."""
    kind = file_system(path, mounts)
    if kind in NETWORK:
        words = _(
            "The database is on a network file system (%(kind)s). Locks do not hold there, and books are lost.",
            kind=kind,
        )
        return failure("network_disk", words, _("Move VELA_DATA_DIR to a disk of this machine, or use PostgreSQL."))
    return fine("network_disk", _("The database is on a disk of this machine."))


def room(free: int | None) -> Finding:
    """Bytes left on the disk of the data."""
    if free is None:
        return warning("room", _("How full the disk is cannot be told."), _("Look at VELA_DATA_DIR: is it there?"))
    words = _("%(count)s MB are left on the disk of the data.", count=free // MEGABYTE)
    if free < LEAST_FREE:
        return failure("room", words, _("Make room now: the next change may not fit."))
    if free < LITTLE_FREE:
        return warning("room", words, _("Make room, or move older backups elsewhere."))
    return fine("room", words)
