"""What the database itself reports, as everybody above it hears of it."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests import make
from vela.db import Database
from vela.errors import Conflict, Unavailable


def test_a_locked_book_is_unavailable_and_says_when_to_come_back(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL waits for a lock instead of reporting one")
    path = str(database.engine.url.database)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = Database(f"sqlite:///{path}")
    with impatient.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with pytest.raises(Unavailable) as refusal, impatient.transaction() as session:
        session.execute(text("SELECT 1"))
    holder.close()
    impatient.close()
    assert refusal.value.data["retry_after"] > 0


def test_a_server_that_is_away_is_unavailable() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable), away.reading() as session:
        session.execute(text("SELECT 1"))
    away.close()


def test_a_wrong_statement_stays_a_fault(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's driver has a class of its own for it")
    with pytest.raises(OperationalError), database.reading() as session:
        session.execute(text("SELECT * FROM nowhere"))


def test_two_offers_of_one_name_at_the_same_moment(database: Database) -> None:
    def create(_: int) -> str:
        try:
            with database.transaction() as session:
                make.offer(session)
        except Conflict as refusal:
            return refusal.code
        return "created"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(create, range(8)))
    assert outcomes.count("created") == 1
    assert set(outcomes) == {"created", "taken"}
