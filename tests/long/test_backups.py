"""Backups at length: hundreds during writes, each restored and compared; flipped bytes; a log kept short."""

import os
import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.backup.conftest import Writer, held, opened, sell_in
from tests.backup.conftest import books as books  # noqa: PLC0414 a fixture
from tests.backup.conftest import settings as settings  # noqa: PLC0414 a fixture
from vela.backup import making, restoring
from vela.backup.sets import kind_of
from vela.checkpoints import Keeper, length
from vela.db import Database
from vela.settings import Settings

pytestmark = pytest.mark.skipif(os.environ.get("VELA_PROVE") != "1", reason="long; VELA_PROVE=1, or make prove")

BACKUPS = int(os.environ.get("VELA_PROVE_BACKUPS", "200"))
FLIPS = int(os.environ.get("VELA_PROVE_FLIPS", "1000"))
SECONDS = int(os.environ.get("VELA_PROVE_WAL_SECONDS", "60"))
MOST_LOG = 64 * 1024 * 1024


def test_every_backup_during_writes_restores_with_all_that_was_acknowledged(books: Settings, tmp_path: Path) -> None:
    """On PostgreSQL, where making a database takes seconds, a tenth as many; each was restored to be verified."""
    times = BACKUPS if kind_of(books) == "sqlite" else BACKUPS // 10
    with Writer(books) as writer:
        for number in range(times):
            writer.wait_for(2)
            before = set(writer.acknowledged)
            made, _removed = making.make(books)
            assert made.manifest.problems == []
            if kind_of(books) == "postgresql":
                assert made.manifest.verification == "restored"
                assert made.manifest.contents.rows["transactions"] >= 3 + len(before)
                continue
            elsewhere = Settings.from_environment({"VELA_DATA_DIR": str(tmp_path / f"restored {number}")})
            restoring.restore(elsewhere, str(made.folder))
            assert held(elsewhere) == made.manifest.contents
            with opened(elsewhere) as database, database.engine.connect() as connection:
                assert before <= set(connection.execute(text("SELECT notes FROM transactions")).scalars())
    assert held(books).rows["transactions"] == 3 + len(writer.acknowledged)


def test_a_flipped_byte_is_noticed_every_time(books: Settings) -> None:
    made, _removed = making.make(books)
    whole = made.file.read_bytes()
    chance = random.Random(FLIPS)  # noqa: S311 the same places in every run
    missed: list[int] = []
    for number in range(FLIPS):
        place = (len(whole) * number + chance.randrange(len(whole))) // FLIPS
        broken = bytearray(whole)
        broken[place] ^= 1 << chance.randrange(8)
        made.file.write_bytes(broken)
        if making.verify(books, made).manifest.verified_at is not None:
            missed.append(place)
    assert missed == []


def test_the_log_stays_short_under_writers_and_readers_and_loses_nothing(books: Settings) -> None:
    database = Database(books.database_url)
    if database.path is None:
        pytest.skip("PostgreSQL keeps its own log short")
    keeper = Keeper(database.path)
    keeper.start()
    until = time.monotonic() + SECONDS
    acknowledged: list[str] = []
    longest = 0

    def write(who: int) -> None:
        number = 0
        while time.monotonic() < until:
            sell_in(database, f"{who} {number} {'x' * 400}")
            acknowledged.append(f"{who} {number}")
            number += 1

    def read() -> None:
        while time.monotonic() < until:
            with database.reading() as session:
                session.execute(text("SELECT sum(revenue) FROM transactions"))
                time.sleep(0.2)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    threads += [threading.Thread(target=read) for _each in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        longest = max(longest, length(database.path))
        time.sleep(0.05)
    keeper.stop()
    assert longest < MOST_LOG
    with database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        notes = session.execute(text("SELECT notes FROM transactions")).scalars().all()
    assert {note.rpartition(" ")[0] for note in notes if "x" in note} == set(acknowledged)
    database.close()
    report = Path(os.environ.get("VELA_PROVE_REPORT", os.devnull))
    with report.open("a") as file:
        file.write(f"log: {len(acknowledged)} sales in {SECONDS} s, longest {longest / 1024 / 1024:.1f} MB\n")
