"""A backup made while others write: whole, verified, private, never half done, and noticed when it was altered."""

import hashlib
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.backup.conftest import Vela, Writer, command_of, held, on_sqlite, opened, sell, sold
from vela import __version__, clock, locks, schema
from vela.backup import making
from vela.backup.manifest import Manifest
from vela.backup.postgres_dump import rows_in
from vela.backup.sets import BackupSet, is_old, kind_of, last_verified, sets
from vela.db import Database
from vela.settings import Settings

BACKUPS = {"sqlite": 8, "postgresql": 1}  # the server takes its time to make a database for each proof
FLIPS = 60


def made(settings: Settings) -> BackupSet:
    found, _removed = making.make(settings)
    assert found.manifest.problems == []
    return found


def rows_of_copy(found: BackupSet) -> list[str]:
    """The notes of the sales in a backup, read from the copy itself."""
    if found.manifest.database == "postgresql":
        return ["?"] * rows_in(found.file)["transactions"]
    copied = Database(f"sqlite:///{found.file}")
    with copied.engine.connect() as connection:
        notes = list(connection.execute(text("SELECT notes FROM transactions ORDER BY id")).scalars())
    copied.close()
    return notes


def test_a_backup_says_what_it_holds_and_how_that_was_proven(books: Settings) -> None:
    found = made(books)
    manifest = found.manifest
    assert manifest.contents == held(books)
    assert manifest.contents.rows["transactions"] == 3
    assert manifest.contents.sums["transactions.revenue"] == "3000.00"
    assert manifest.contents.sums["components.unit_cost"] == "600.00000"
    assert manifest.contents.schema_revision == schema.newest()
    assert (manifest.vela_version, manifest.size) == (__version__, found.file.stat().st_size)
    assert manifest.verification == ("opened" if manifest.database == "sqlite" else "restored")
    assert manifest.verified_at is not None
    assert manifest.contents.audit_entry is not None
    assert found.secret is not None
    assert found.secret.read_text() == books.secret_file.read_text()
    assert Manifest.read(found.folder) == manifest
    said = json.loads((found.folder / "manifest.json").read_text())
    assert said["contents"]["sums"]["transactions.cost"] == "1800.00"


@on_sqlite
def test_it_is_for_its_owner_alone(books: Settings) -> None:
    found = made(books)
    assert stat.S_IMODE(books.backup_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in found.folder.iterdir()} == {0o600}


def test_the_command_makes_lists_and_verifies(books: Settings, vela: Vela) -> None:
    first = vela("backup")
    assert first.exit_code == 0, first.output
    folder = Path(first.stdout.strip())
    assert folder.parent == books.backup_dir
    assert "3 sales, revenue 3000.00" in first.stderr
    again = vela("backup", "--verify", folder.name)
    assert (again.exit_code, again.stdout.strip()) == (0, str(folder))
    listed = vela("backup", "--list").stdout.splitlines()
    assert folder.name in listed[1]
    assert "no" not in listed[1].split()
    assert vela("backup", "--verify", "nowhere").exit_code == 1


@on_sqlite
def test_the_folder_is_the_operators_choice(books: Settings, vela: Vela, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other disk" / "backups"
    done = vela("backup", VELA_BACKUP_DIR=str(elsewhere))
    assert Path(done.stdout.strip()).parent == elsewhere


def test_without_books_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VELA_DATA_DIR": str(tmp_path / "mistyped")})
    done = command_of(settings)("backup")
    assert done.exit_code == 1
    assert "nothing to back up" in done.stderr
    assert not (tmp_path / "mistyped").exists()


def test_backups_during_writes_hold_every_write_acknowledged_before(books: Settings) -> None:
    with Writer(books) as writer:
        for _number in range(BACKUPS[kind_of(books)]):
            writer.wait_for(3)
            before = list(writer.acknowledged)
            found = made(books)
            inside = rows_of_copy(found)
            assert len(inside) >= 3 + len(before)
            if found.manifest.database == "sqlite":
                assert set(before) <= set(inside)
            shutil.rmtree(found.folder)
    assert len(sold(books)) == 3 + len(writer.acknowledged)


def test_the_copy_is_of_one_moment_although_the_books_move_on(books: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sale is recorded after the books were measured and before they are copied."""
    module = making.sqlite_file if books.database_url.startswith("sqlite") else making.postgres_dump
    measure = module.measure

    def measured_and_overtaken(connection: object) -> object:
        found = measure(connection)  # pyright: ignore[reportArgumentType]
        sell(books, "too late")
        return found

    monkeypatch.setattr(module, "measure", measured_and_overtaken)
    found = made(books)
    assert found.manifest.contents.rows["transactions"] == 3
    assert len(rows_of_copy(found)) == 3
    assert len(sold(books)) == 4


@on_sqlite
def test_wrong_books_are_kept_and_count_for_nothing(books: Settings, vela: Vela) -> None:
    made(books)
    with opened(books) as database, database.engine.execution_options(vela_writes=True).begin() as connection:
        connection.execute(text("UPDATE month_sums SET revenue = revenue + 1"))
    done = vela("backup")
    assert done.exit_code == 1
    assert "2026-11" in done.stderr
    assert "not verified" in done.stderr
    newest, older = sets(books.backup_dir)
    assert newest.manifest.verified_at is None
    assert last_verified(books) == older.manifest


@on_sqlite
def test_the_last_verified_backup_is_known_with_its_age(books: Settings) -> None:
    assert last_verified(books) is None
    assert is_old(None)
    first, second = made(books), made(books)
    assert last_verified(books) == second.manifest
    assert not is_old(second.manifest)
    long_ago = clock.now() - timedelta(hours=37)
    assert is_old(replace(first.manifest, made_at=long_ago))
    second.file.unlink()
    assert last_verified(books) == first.manifest


@on_sqlite
def test_a_flipped_byte_is_noticed_wherever_it_is(books: Settings) -> None:
    found = made(books)
    whole = found.file.read_bytes()
    chance = random.Random(20261121)  # noqa: S311 the same places in every run
    step = len(whole) / FLIPS
    places = [int(step * number + chance.random() * step) for number in range(FLIPS)]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << chance.randrange(8)
        found.file.write_bytes(broken)
        assert making.verify(books, found).manifest.verified_at is None, place
    found.file.write_bytes(whole)
    assert making.verify(books, found).manifest.verified_at is not None


@on_sqlite
def test_a_set_without_its_parts_is_noticed(books: Settings, vela: Vela) -> None:
    found = made(books)
    assert found.secret is not None
    found.secret.write_text("another secret that was put there")
    assert "secret is not what was written" in vela("backup", "--verify", str(found.folder)).stderr
    found.file.unlink()
    assert "is missing" in vela("backup", "--verify", str(found.folder)).stderr
    (found.folder / "manifest.json").write_text('{"format": 1}')
    refused = vela("backup", "--verify", str(found.folder))
    assert (refused.exit_code, "is not a backup" in refused.stderr) == (1, True)


@on_sqlite
def test_two_backups_at_once_take_turns_and_both_are_whole(books: Settings) -> None:
    seen = environment(books)
    runs = [subprocess.Popen([PROGRAM, "backup"], env=seen, stdout=subprocess.PIPE, text=True) for _each in range(2)]
    folders = {run.communicate(timeout=120)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    assert folders == {str(each.folder) for each in sets(books.backup_dir)}
    assert len(folders) == 2


# ---------- killed

PROGRAM = Path(sys.executable).with_name("vela")


def environment(settings: Settings) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "VELA_DATA_DIR": str(settings.data_dir),
            "VELA_DATABASE_URL": settings.database_url}  # fmt: skip


def test_a_killed_backup_leaves_no_half_set_and_the_next_one_clears_up(books: Settings) -> None:
    for number in range(6):
        run = subprocess.Popen([PROGRAM, "backup"], env=environment(books), start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        wait_for_a_copy(books, run)
        time.sleep(0.02 * number)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        for found in sets(books.backup_dir):
            assert making.altered(found) == []
    made(books)
    left = [each.name for each in books.backup_dir.iterdir() if not each.name.startswith("vela-")]
    assert left == [".lock"]
    assert len(sets(books.backup_dir)) == len(list(books.backup_dir.glob("vela-*")))
    with locks.held(books.backup_dir / ".lock"):
        assert last_verified(books) is not None
    if not books.database_url.startswith("sqlite"):
        assert proofs_left(books) == 0


def wait_for_a_copy(settings: Settings, run: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while not list(settings.backup_dir.glob(".making-*/vela.*")):
        assert time.monotonic() < until
        if run.poll() is not None:
            return
        time.sleep(0.002)


def proofs_left(settings: Settings) -> int:
    mark = hashlib.sha256(str(make_url(settings.database_url).database).encode()).hexdigest()[:12]
    with opened(settings) as database, database.reading() as session:
        words = text("SELECT count(*) FROM pg_database WHERE starts_with(datname, :start)")
        return session.scalar(words, {"start": f"vela_proof_{mark}_"}) or 0
