"""Damage done to books straight in SQL, past every guard of the database, as a bad disk or a bad hand would do it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from tests import make
from vela.db import Database
from vela.domain.ledger.closing import close_month
from vela.domain.ledger.intake import MonthClosing
from vela.intake import read

GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def sound_books(database: Database) -> int:
    """Two offers with a history, sales in two months, the earlier of them closed; returns the id of the first offer."""
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
        make.component(session, atlas)
        rif = make.offer(session, "Rif")
        for month in ("2026-10", "2026-11"):
            make.sale(session, atlas, 2, month)
            make.sale(session, rif, 3, month)
        words = read(MonthClosing, {"month": "2026-10", "reason": "Handed in"})
        close_month(session, make.admin(), words)
        return atlas.id


@contextmanager
def unguarded(database: Database) -> Generator[Connection]:
    """A connection in which neither triggers nor foreign keys hold; what is done in it stays."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")  # which has no effect inside a transaction
        guards = connection.execute(text(GUARDS)).all()
        for name, _sql in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _name, sql in guards:
            connection.execute(text(sql))
        connection.commit()
        driver.execute("PRAGMA foreign_keys = ON")


def damage(database: Database, *statements: str) -> None:
    """Do these to the books."""
    with unguarded(database) as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement


def overwrite_a_page(database: Database, table: str) -> None:
    """Let bytes of an SQLite file that belong to a table be others."""
    assert database.path is not None
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = :name"), {"name": table})
        size = connection.scalar(text("PRAGMA page_size"))
    database.close()
    with Path(database.path).open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xa5" * 600)
