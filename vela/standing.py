"""How an installation stands right now: can it be read, can it be changed, when was it last proven and backed up."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from vela import checking, schema
from vela.backup.sets import last_verified
from vela.clock import now
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.notifying.queries import FAILING_LONG, Queue, queue
from vela.errors import Unavailable
from vela.settings import Settings

LEAST_FREE = 64 * 1024 * 1024
"""Bytes of disk below which the next change may be the one that does not fit."""
LITTLE_FREE = 1024 * 1024 * 1024
OLD = timedelta(hours=36)
"""A check or a backup is made every night; what is older than this has been missed."""
SERVER_WRITABLE = text("SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'")

Status = Literal["ready", "read_only", "unavailable"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found; None where it could not be found out. Ages are in seconds, room on the disk in bytes."""

    database: Literal["ok", "unreachable", "unreadable"]
    schema: Literal["current", "outdated", "missing", "unknown"]
    disk_free: int | None
    backup_age: float | None
    writable: bool | None = None
    stopped: bool | None = None
    check_ok: bool | None = None
    check_age: float | None = None
    webhooks: Queue | None = None

    @property
    def status(self) -> Status:
        """Unavailable: nothing can be shown. Read-only: everything can be shown and exported, nothing changed."""
        if self.database != "ok" or self.schema != "current":
            return "unavailable"
        unchangeable = {"stopped", "not_writable", "disk_full"}
        return "read_only" if unchangeable.intersection(self.reasons) else "ready"

    @property
    def reasons(self) -> list[str]:
        """Codes of everything that is not as it should be, worst first."""
        return list(_reasons(self))


def _reasons(found: Standing) -> Iterator[str]:
    if found.database != "ok":
        yield f"database_{found.database}"
        return
    if found.schema != "current":
        yield "books_missing" if found.schema == "missing" else "schema_outdated"
        return
    yield from _reasons_not_to_change(found)
    if found.check_ok is None:
        yield "never_checked"
    elif not found.check_ok:
        yield "check_failed"
    elif (found.check_age or 0) > OLD.total_seconds():
        yield "check_old"
    yield from _reasons_of_webhooks(found)


def _reasons_not_to_change(found: Standing) -> Iterator[str]:
    if found.stopped:
        yield "stopped"
    if found.writable is False:
        yield "not_writable"
    if found.disk_free is not None and found.disk_free < LEAST_FREE:
        yield "disk_full"
    elif found.disk_free is not None and found.disk_free < LITTLE_FREE:
        yield "disk_low"


def _reasons_of_webhooks(found: Standing) -> Iterator[str]:
    if found.webhooks is None:
        return
    if found.webhooks.off:
        yield "webhook_off"
    if found.webhooks.failing_since and age(found.webhooks.failing_since) > FAILING_LONG.total_seconds():
        yield "webhook_failing"


def standing(settings: Settings, database: Database, *, backups: bool = True) -> Standing:
    """Look at everything once. It takes no lock, so that it may be asked often; without `backups` none is opened."""
    free, backup = disk_free(settings.data_dir), _backup_age(settings) if backups else None
    try:
        at = schema.standing(database)
        if at != newest():
            return Standing("ok", "missing" if at is None else "outdated", free, backup)
        with database.reading() as session:
            return _of_books(session, database, free, backup)
    except (SQLAlchemyError, Unavailable):
        return Standing("unreachable", "unknown", free, backup)
    except (ValueError, OSError):  # a stored value that is none, a file whose rights cannot be asked for
        return Standing("unreadable", "unknown", free, backup)


def _of_books(session: Session, database: Database, free: int | None, backup: float | None) -> Standing:
    last = checking.last_result(session)
    return Standing(
        "ok",
        "current",
        free,
        backup,
        writable=_is_writable(session, database),
        stopped=chain.head(session).stopped_at is not None,
        check_ok=last.ok if last else None,
        check_age=age(last.at) if last else None,
        webhooks=queue(session),
    )


def _backup_age(settings: Settings) -> float | None:
    try:
        last = last_verified(settings)
    except (OSError, ValueError):
        return None
    return age(last.made_at) if last else None


def _is_writable(session: Session, database: Database) -> bool:
    """Whether the database may be written to, as far as can be told without writing."""
    path = database.path
    if path is None:
        return bool(session.scalar(SERVER_WRITABLE))
    mounted_read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) and not mounted_read_only


@cache
def newest() -> str | None:
    """It does not change while this program runs, and reading the migrations takes a while."""
    return schema.newest()


def disk_free(folder: Path) -> int | None:
    """Bytes that are left for Vela on the disk of `folder`; None when that cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def age(at: datetime) -> float:
    """Seconds since then, and never less than none."""
    return max((now() - at).total_seconds(), 0.0)
