"""The write-ahead log stays short while others write and read, one keeper at a time, and nothing is lost."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import make
from vela import checkpoints, locks
from vela.checkpoints import Keeper, length, shorten
from vela.db import Database
from vela.domain.catalog import queries

PATIENCE_SECONDS = 30
LONG = 128 * 1024


@pytest.fixture
def path(database: Database) -> Path:
    if database.path is None:
        pytest.skip("PostgreSQL keeps its own log short")
    return database.path


def write(database: Database, name: str) -> None:
    with database.transaction() as session:
        make.offer(session, name, description="x" * 500)


def names(database: Database) -> set[str]:
    with database.reading() as session:
        return {service.name for service in queries.services(session)}


def is_cut(database: Database, path: Path) -> bool:
    """Whether a writer, sooner or later, finds the log moved and begins it anew."""
    until = time.monotonic() + PATIENCE_SECONDS
    while length(path) > LONG and time.monotonic() < until:
        time.sleep(0.02)
        with database.transaction() as session:
            session.execute(text(f"PRAGMA user_version = {time.monotonic_ns() % 2**31}"))
    return length(path) <= LONG


def test_without_a_keeper_nothing_is_moved_while_the_books_are_open(database: Database, path: Path) -> None:
    sizes = [length(path)]
    for number in range(200):
        write(database, f"Atlas {number}")
        sizes.append(length(path))
    assert sizes == sorted(sizes)
    assert sizes[-1] > 1000 * 4096  # where SQLite itself would have begun
    database.close()
    assert length(path) == 0
    assert len(names(database)) == 200


def test_a_keeper_shortens_the_log_under_writers_and_loses_nothing(database: Database, path: Path) -> None:
    keeper = Keeper(path, every=0.01, long=LONG)
    keeper.start()
    writers = [
        threading.Thread(target=lambda who=who: [write(database, f"{who} {number}") for number in range(40)])
        for who in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert is_cut(database, path)
    keeper.stop()
    assert names(database) == {f"{who} {number}" for who in range(4) for number in range(40)}


def test_a_reader_of_an_old_state_is_waited_for_and_keeps_its_state(database: Database, path: Path) -> None:
    with database.reading() as session:
        assert queries.services(session) == []
        for number in range(20):
            write(database, f"Atlas {number}")
        assert not shorten(path, LONG)
        assert queries.services(session) == []
    assert shorten(path, LONG)
    write(database, "Rigel")
    assert length(path) <= LONG
    assert len(names(database)) == 21


def test_nothing_is_moved_beside_a_writer(database: Database, path: Path) -> None:
    for number in range(20):
        write(database, f"Atlas {number}")
    before = path.read_bytes()
    with database.transaction() as session:
        make.offer(session, "Rigel")
        session.flush()
        assert not shorten(path, LONG)
        assert path.read_bytes() == before
    assert shorten(path, LONG)
    assert path.read_bytes() != before
    assert len(names(database)) == 21


def test_no_writer_begins_while_it_is_moved(database: Database, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        write(database, f"Atlas {number}")
    monkeypatch.setattr(checkpoints, "SETTLE_SECONDS", 1.0)
    moved_at: list[float] = []

    def move() -> None:
        assert shorten(path, LONG)
        moved_at.append(time.monotonic())

    before, mover = path.read_bytes(), threading.Thread(target=move)
    mover.start()
    while path.read_bytes() == before:
        time.sleep(0.005)
    write(database, "Rigel")
    written_at = time.monotonic()
    mover.join()
    assert written_at - moved_at[0] > -0.5  # the lock is given back a moment before the mover has ended
    assert len(names(database)) == 21


def test_of_two_keepers_the_second_stands_by_until_the_first_ends(database: Database, path: Path) -> None:
    first, second = (Keeper(path, every=0.01, long=LONG) for _each in range(2))
    for keeper in (first, second):
        keeper.start()
    for number in range(20):
        write(database, f"Atlas {number}")
    assert is_cut(database, path)
    with pytest.raises(locks.Held):
        locks.take(path.with_name(f"{path.name}-keeper"))
    first.stop()
    for number in range(20):
        write(database, f"Rigel {number}")
    assert is_cut(database, path)
    second.stop()
    with locks.held(path.with_name(f"{path.name}-keeper")):
        assert len(names(database)) == 40


def test_a_keeper_goes_on_after_a_fault(database: Database, path: Path) -> None:
    keeper = Keeper(path, every=0.01, long=LONG)
    write(database, "Before")
    aside = path.with_name("aside.db")
    path.rename(aside)
    keeper.start()
    time.sleep(0.1)
    aside.rename(path)
    for number in range(20):
        write(database, f"Atlas {number}")
    assert is_cut(database, path)
    keeper.stop()
    assert len(names(database)) == 21
