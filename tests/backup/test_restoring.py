"""A backup put back: only into stopped books, the old ones kept, never a mix, whatever is killed when."""

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import make
from tests.backup.conftest import Vela, command_of, held, on_sqlite, opened, sell, sold
from vela import locks
from vela.backup import making, naming, restoring, scratch, swapping
from vela.backup.sets import BackupSet, find, kind_of
from vela.domain.people.intake import Credentials
from vela.errors import Conflict
from vela.intake import read
from vela.settings import Settings
from vela.signin import entering

PROGRAM = Path(sys.executable).with_name("vela")
KILLS = {"sqlite": 5, "postgresql": 2}
FIRST = ["first", "second", "third"]


@pytest.fixture
def backup(books: Settings) -> BackupSet:
    """A backup of three sales, after which a fourth was recorded."""
    found, _removed = making.make(books)
    sell(books, "fourth")
    return found


def refused(settings: Settings, said: str, code: str) -> None:
    """Restoring is refused for this reason and leaves the books as they are."""
    before = sold(settings)
    with pytest.raises(Conflict) as refusal:
        restoring.restore(settings, said)
    assert refusal.value.code == code
    assert sold(settings) == before


def test_what_changed_is_shown_and_the_old_books_are_kept(books: Settings, backup: BackupSet, vela: Vela) -> None:
    done = vela("restore", backup.name)
    assert done.exit_code == 0, done.output
    assert sold(books)[::-1] == FIRST or sold(books) == FIRST
    assert held(books) == backup.manifest.contents
    lines = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert "rows of transactions 4 3" in lines
    assert "sum of transactions.revenue 4000.00 3000.00" in lines
    assert any(line.startswith("newest entry of the trail") for line in lines)
    (kept,) = [line for line in done.stderr.splitlines() if "is kept as" in line]
    assert_kept(books, kept.rpartition(" ")[2])
    sell(books, "after")
    assert sorted(sold(books)) == sorted([*FIRST, "after"])


def test_twice_at_the_same_instant_the_former_books_are_kept_twice(
    books: Settings, backup: BackupSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clocks that agree to the microsecond, or one that was set back."""
    monkeypatch.setattr(naming, "now", lambda: datetime(2026, 11, 21, 12, 47, 11, tzinfo=UTC))
    books.secret_file.write_text("e" * 64)
    first = restoring.restore(books, backup.name)
    second = restoring.restore(books, backup.name)
    assert first.kept < second.kept
    assert [each.before and each.before.rows["transactions"] for each in (first, second)] == [4, 3]
    former = [path.read_text() for path in books.data_dir.rglob("secret*") if path != books.secret_file]
    assert set(former) == {"e" * 64, books.secret_file.read_text()}


def assert_kept(settings: Settings, where: str) -> None:
    """The books as they were are whole, at the place that was named."""
    if kind_of(settings) == "sqlite":
        old = sqlite3.connect(Path(where) / "vela.db")
        notes = {row[0] for row in old.execute("SELECT notes FROM transactions")}
        old.close()
        assert (Path(where) / "secret").read_text() == settings.secret_file.read_text()
        assert stat.S_IMODE(Path(where).stat().st_mode) == 0o700
    else:
        with opened(settings) as database:
            beside = scratch.beside(database, where)
            with beside.engine.connect() as connection:
                notes = set(connection.execute(text("SELECT notes FROM transactions")).scalars())
            beside.close()
    assert notes == {*FIRST, "fourth"}


@on_sqlite
def test_the_file_is_private_and_keeps_its_log(books: Settings, backup: BackupSet) -> None:
    restoring.restore(books, "latest")
    with opened(books) as database, database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        path = database.path
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob(".restoring*"))


def test_the_secret_belongs_to_the_set(books: Settings, backup: BackupSet) -> None:
    then = books.secret()
    books.secret_file.write_text("f" * 64)
    restoring.restore(books, backup.name)
    assert books.secret() == then
    assert [path.read_text() for path in books.data_dir.rglob("secret*") if path.read_text() == "f" * 64]


@on_sqlite
def test_it_goes_into_a_new_folder_on_a_new_machine(books: Settings, backup: BackupSet, tmp_path: Path) -> None:
    elsewhere = Settings.from_environment({"VELA_DATA_DIR": str(tmp_path / "new")})
    done = command_of(elsewhere)("restore", str(backup.folder))
    assert done.exit_code == 0, done.output
    assert held(elsewhere) == backup.manifest.contents
    assert elsewhere.secret() == books.secret()
    with opened(elsewhere) as database:
        words = read(Credentials, {"username": "salma", "password": make.PASSWORD})
        assert entering.sign_in(database, elsewhere.secret(), words, address="127.0.0.1", agent="tests").user.id


@on_sqlite
def test_a_damaged_database_is_replaced(books: Settings, backup: BackupSet, vela: Vela) -> None:
    path = books.data_dir / "vela.db"
    path.write_bytes(b"rubbish" * 5000)
    path.with_name("vela.db-wal").write_bytes(b"more rubbish" * 1000)
    done = vela("restore", "latest")
    assert done.exit_code == 0, done.output
    assert held(books) == backup.manifest.contents
    (aside,) = books.data_dir.glob("before-restore-*")
    assert {each.name for each in aside.iterdir()} >= {"vela.db", "vela.db-wal", "secret"}


# ---------- what is refused


def test_not_while_it_is_served(books: Settings, backup: BackupSet) -> None:
    with locks.held(books.serving_lock, shared=True):
        refused(books, backup.name, "running")


def test_not_while_somebody_has_it_open(books: Settings, backup: BackupSet) -> None:
    with opened(books) as database, database.reading() as session:
        session.execute(text("SELECT count(*) FROM services"))
        refused(books, backup.name, "in_use")
    restoring.restore(books, backup.name)


@on_sqlite
def test_not_what_is_no_backup(books: Settings, backup: BackupSet, vela: Vela, tmp_path: Path) -> None:
    assert "There is no backup" in vela("restore", "vela-20200101T000000Z").stderr
    refused(books, str(tmp_path), "no_backup")


@on_sqlite
def test_not_what_was_altered(books: Settings, backup: BackupSet) -> None:
    with backup.file.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff\x00")
    refused(books, backup.name, "altered_backup")


def rewritten(backup: BackupSet, **changes: object) -> None:
    path = backup.folder / "manifest.json"
    said = json.loads(path.read_text())
    said["contents"] |= {name: value for name, value in changes.items() if name in said["contents"]}
    path.write_text(json.dumps(said | {name: value for name, value in changes.items() if name in said}))


@on_sqlite
def test_not_what_a_newer_vela_made(books: Settings, backup: BackupSet) -> None:
    rewritten(backup, schema_revision="fromthefuture")
    refused(books, backup.name, "newer_schema")
    rewritten(backup, format=2)
    refused(books, backup.name, "newer_backup")


def test_not_what_is_of_another_kind_of_database(books: Settings, backup: BackupSet) -> None:
    rewritten(backup, database="sqlite" if kind_of(books) == "postgresql" else "postgresql")
    refused(books, backup.name, "other_database")


@on_sqlite
def test_not_what_was_found_wrong_unless_it_is_wanted(books: Settings, backup: BackupSet) -> None:
    rewritten(backup, verified_at=None, problems=["A sum is wrong."])
    refused(books, backup.name, "unverified_backup")
    restoring.restore(books, backup.name, unverified=True)
    assert sorted(sold(books)) == sorted(FIRST)


@on_sqlite
def test_an_outside_file_name_in_a_manifest_is_no_way_out(books: Settings, backup: BackupSet) -> None:
    rewritten(backup, file="../../../etc/passwd")
    refused(books, str(backup.folder), "no_backup")


# ---------- interrupted


def environment(settings: Settings) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "VELA_DATA_DIR": str(settings.data_dir),
            "VELA_DATABASE_URL": settings.database_url}  # fmt: skip


def test_killed_at_any_time_it_is_the_old_or_the_new_and_a_rerun_completes(books: Settings, backup: BackupSet) -> None:
    old_secret, new_secret = "e" * 64, books.secret_file.read_text()
    outcomes: set[bool] = set()
    took = how_long(books, backup, old_secret)
    for number in range(KILLS[kind_of(books)]):
        again(books, backup, old_secret)
        run = started(books, backup)
        time.sleep(took * (number + 1) / (KILLS[kind_of(books)] + 1))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        begun = swapping.interrupted(books) is not None
        notes = sold(books) if not begun else None
        if notes is not None:
            replaced = books.secret_file.read_text() == new_secret
            assert sorted(notes) == sorted(FIRST if replaced else [*FIRST, "fourth"])
            outcomes.add(replaced)
        done = command_of(books)("restore", backup.name)
        assert done.exit_code == 0, done.output
        assert held(books) == backup.manifest.contents
        assert books.secret_file.read_text() == new_secret
        assert swapping.interrupted(books) is None
    assert outcomes


def again(settings: Settings, backup: BackupSet, old_secret: str) -> None:
    """The books as they were before the restore, with a secret of their own."""
    if len(sold(settings)) == len(FIRST):
        sell(settings, "fourth")
    settings.secret_file.write_text(old_secret)


def started(settings: Settings, backup: BackupSet) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([PROGRAM, "restore", backup.name], env=environment(settings), start_new_session=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def how_long(settings: Settings, backup: BackupSet, old_secret: str) -> float:
    again(settings, backup, old_secret)
    begun = time.monotonic()
    assert started(settings, backup).wait(120) == 0
    return time.monotonic() - begun


@pytest.mark.parametrize("step", ["replace_secret", "_keep", "to_disk", "unmark"])
def test_stopped_before_any_step_the_next_call_completes(
    books: Settings, backup: BackupSet, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of the swap fails once; until it is done, no command opens the books."""
    module = swapping if kind_of(books) == "sqlite" else restoring.restoring_postgres
    if not hasattr(module, step):
        pytest.skip("a step of the other database")
    books.secret_file.write_text("e" * 64)
    begin_marked = swapping.mark

    def marked(*said: object) -> None:
        begin_marked(*said)  # pyright: ignore[reportArgumentType]

        def fail(*_said: object) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(module, step, fail)

    monkeypatch.setattr(module, "mark", marked)
    with pytest.raises(OSError, match="Input/output"):
        restoring.restore(books, backup.name)
    assert "Finish it first: vela restore" in command_of(books)("user", "list").stderr
    assert "Finish it first: vela restore" in command_of(books)("migrate").stderr
    monkeypatch.undo()
    done = restoring.restore(books, backup.name)
    assert done.completed
    assert held(books) == backup.manifest.contents
    assert books.secret_file.read_text() != "e" * 64
    assert command_of(books)("user", "list").exit_code == 0


@on_sqlite
def test_a_name_finds_the_set_in_the_folder(books: Settings, backup: BackupSet) -> None:
    assert find(books, backup.name).folder == backup.folder == find(books, "latest").folder
    shutil.rmtree(backup.folder)
    with pytest.raises(Exception, match="There is no backup"):
        find(books, "latest")
