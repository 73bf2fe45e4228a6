"""A visit of the doctor: looks at everything there is on this machine."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import Database
from vela.doctor import books, files, network
from vela.doctor.findings import Finding
from vela.domain.audit.models import AuditEntry
from vela.errors import Unavailable
from vela.seeding import demo_users
from vela.settings import Settings
from vela.standing import Standing, disk_free, standing

PARAMETERS = ("fsync", "full_page_writes", "synchronous_commit", "is_superuser")
TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def visit(settings: Settings, database: Database) -> Iterator[Finding]:
    """Everything that was looked at, one finding each. Raises nothing that a sick installation brings about."""
    yield from _machine(settings, database)
    found = standing(settings, database)
    yield from books.standing(found)
    yield books.backup(found.backup_age)
    yield from _inside(settings, database, found)


def _machine(settings: Settings, database: Database) -> Iterator[Finding]:
    yield files.secret(settings.secret_file)
    if database.path is not None:
        yield files.database(database.path)
        yield files.disk(database.path, _text("/proc/mounts"))
        yield books.engine(sqlite3.sqlite_version_info)
    yield from files.folders(settings.data_dir, settings.backup_dir)
    yield files.room(disk_free(settings.data_dir))
    yield network.encryption(settings)
    yield network.proxies(settings, network.listening("\n".join(map(_text, TABLES))))
    yield network.user(os.geteuid())


def _inside(settings: Settings, database: Database, found: Standing) -> Iterator[Finding]:
    """What only the database knows."""
    if found.status == "unavailable":
        yield books.clock(now(), None)
        return
    try:
        with database.reading() as session:
            yield books.clock(now(), session.scalar(select(func.max(AuditEntry.at))))
            yield books.demo([user.username for user in demo_users(session)], reachable=not settings.is_local)
            if database.path is None:
                yield from books.server(_parameters(session))
    except (SQLAlchemyError, Unavailable, ValueError):  # it went away while it was looked at
        yield from books.standing(Standing("unreachable", "unknown", None, None))


def _parameters(session: Session) -> dict[str, str]:
    return {name: str(session.scalar(text("SELECT current_setting(:name)"), {"name": name})) for name in PARAMETERS}


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
