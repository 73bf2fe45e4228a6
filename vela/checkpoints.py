"""Keeping SQLite's write-ahead log short: the one thread of a data folder that moves it into the database.

No other connection of Vela does so while others write (`wal_autocheckpoint=0` in vela.db): in the releases of SQLite
from 3.7.0 to 3.51.2 a checkpoint that races a write can lose committed pages. So one connection holds the lock of the
writers while another takes the checkpoint. A single `wal_checkpoint(TRUNCATE)` would not do: where it cannot have that
lock in time, it goes on without. The next writer begins the log anew and cuts it (`journal_size_limit` in vela.db).

Whoever closes a database last, `vela` commands included, has SQLite move the log too, and remove it. That meets no
writer: SQLite does so only while it holds the whole file exclusively, which no other open connection allows.
"""

import contextlib
import logging
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from vela import locks, outages

LONG_BYTES = 4 * 1024 * 1024
TOO_LONG_BYTES = 16 * 1024 * 1024
LOOK_SECONDS = 2.0
# How long writers may have to wait for it; longer when the log has grown towards what is too long.
PATIENCE_MS, MORE_PATIENCE_MS = 250, 2000
# How long readers are given to end before writers go on; only then can the next one begin the log anew.
SETTLE_SECONDS, MORE_SETTLE_SECONDS = 0.01, 0.25
AGAIN_SECONDS = 0.005
log = logging.getLogger("vela.checkpoints")


class Keeper:
    """Looks at the log of the database at `path` every `every` seconds, in a thread of its own.

    Of several keepers of one database a single one works; the others stand by in case that it ends.
    """

    def __init__(self, path: Path, *, every: float = LOOK_SECONDS, long: int = LONG_BYTES) -> None:
        self._path, self._every, self._long = path, every, long
        self._lock: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vela-checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let another keeper take over."""
        self._ended.set()
        self._thread.join()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                if self._is_the_one():
                    shorten(self._path, self._long)
            except (sqlite3.Error, OSError) as error:
                log.warning("the write-ahead log could not be moved into the database: %s", error)

    def _is_the_one(self) -> bool:
        if self._lock is None:
            with contextlib.suppress(locks.Held):
                self._lock = locks.take(self._path.with_name(f"{self._path.name}-keeper"))
        return self._lock is not None


def length(path: Path) -> int:
    """The bytes in the write-ahead log of the database at `path`."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def shorten(path: Path, longest: int = LONG_BYTES) -> bool:
    """Move a log longer than `longest` bytes into the database, for the next writer to begin anew; whether all of it.

    A writer who does not end, or a reader of an old state, may be in the way, and then it is for the next time.
    Raises sqlite3.Error.
    """
    found = length(path)
    if found <= longest:
        return True
    too_long = found > TOO_LONG_BYTES
    patience, settle = (MORE_PATIENCE_MS, MORE_SETTLE_SECONDS) if too_long else (PATIENCE_MS, SETTLE_SECONDS)
    with closing(_connect(path, patience)) as holder, closing(_connect(path, patience)) as mover:
        try:
            holder.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if outages.cause(error) == "busy":
                return False
            raise
        try:
            return _move(mover, time.monotonic() + patience / 1000, settle)
        finally:
            holder.execute("ROLLBACK")


def _connect(path: Path, patience: int) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None)
    for pragma in ("synchronous=FULL", "wal_autocheckpoint=0", f"busy_timeout={patience}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _move(mover: sqlite3.Connection, until: float, settle: float) -> bool:
    """Move all of it, waiting for readers of an old state until then; whoever calls keeps writers out."""
    while True:
        _busy, frames, moved = mover.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if frames == moved:
            time.sleep(settle)
            return True
        if time.monotonic() > until:
            return False
        time.sleep(AGAIN_SECONDS)
