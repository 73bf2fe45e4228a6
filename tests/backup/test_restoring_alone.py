"""A restore that is disturbed or interrupted: nothing acknowledged disappears, and nothing unproven is praised."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests import make
from tests.backup.conftest import Vela, held, on_sqlite, opened, sell, sold
from vela.backup import making, restoring, restoring_postgres, scratch, swapping
from vela.backup.sets import BackupSet
from vela.domain.people.intake import Credentials
from vela.errors import Conflict
from vela.intake import read
from vela.mcp.running import CannotStart, open_door
from vela.settings import Settings
from vela.signin import entering, visiting

on_postgresql = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
ALL = ["first", "fourth", "second", "third"]


@pytest.fixture
def backup(books: Settings) -> BackupSet:
    """A backup of three sales, after which a fourth was recorded."""
    found, _removed = making.make(books)
    sell(books, "fourth")
    return found


def disturbed(monkeypatch: pytest.MonkeyPatch, disturb: Callable[[], object]) -> None:
    """Let something happen while the database beside the books is filled."""
    fill = restoring_postgres.fill

    def filled(*said: object) -> None:
        fill(*said)  # pyright: ignore[reportArgumentType]
        disturb()

    monkeypatch.setattr(restoring_postgres, "fill", filled)


def databases(settings: Settings) -> set[str]:
    with opened(settings) as database, database.engine.connect() as connection:
        name = str(database.engine.url.database)
        rows = connection.execute(text("SELECT datname FROM pg_database WHERE starts_with(datname, :n)"), {"n": name})
        return {each.removeprefix(name) for each in rows.scalars()}


def assert_untouched(settings: Settings, secret: str) -> None:
    """The books are open, whole and alone, and nothing is half way."""
    assert sorted(sold(settings)) == ALL
    assert swapping.interrupted(settings) is None
    assert databases(settings) == {""}
    assert settings.secret_file.read_text() == secret
    assert not (settings.data_dir / swapping.NEW_SECRET).exists()


@on_postgresql
def test_whoever_comes_in_meanwhile_is_noticed_and_nothing_changes(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.secret_file.write_text("e" * 64)
    company: list[psycopg.Connection] = []
    disturbed(monkeypatch, lambda: company.append(psycopg.connect(books.database_url)))
    done = vela("restore", backup.name)
    assert done.exit_code == 1
    assert "Something else is connected" in done.stderr
    company[0].close()
    assert_untouched(books, "e" * 64)
    monkeypatch.undo()
    assert vela("restore", backup.name).exit_code == 0


@on_postgresql
def test_what_is_acknowledged_meanwhile_stays_in_the_books(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = books.secret_file.read_text()
    disturbed(monkeypatch, lambda: sell(books, "acknowledged"))
    done = vela("restore", backup.name)
    assert done.exit_code == 1
    assert "Something wrote to the books meanwhile" in done.stderr
    assert "acknowledged" in sold(books)
    assert swapping.interrupted(books) is None
    assert databases(books) == {""}
    assert books.secret_file.read_text() == secret


@on_postgresql
def test_a_name_that_cannot_be_taken_leaves_the_books_open(
    books: Settings, backup: BackupSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who was in before the door was shut shows only when the name is to change."""
    secret, company = books.secret_file.read_text(), list[psycopg.Connection]()
    disturbed(monkeypatch, lambda: company.append(psycopg.connect(books.database_url)))
    monkeypatch.setattr(restoring_postgres, "others_connected", lambda _connection: 0)
    with pytest.raises(Conflict) as refusal:
        restoring.restore(books, backup.name)
    assert refusal.value.code == "in_use"
    company[0].close()
    assert_untouched(books, secret)


@on_postgresql
def test_the_restored_books_sort_as_the_old_ones_did(books: Settings) -> None:
    with opened(books) as database, scratch.door(database) as connection:
        name = str(database.engine.url.database)
        database.close()
        connection.exec_driver_sql(f'DROP DATABASE "{name}"')
        connection.exec_driver_sql(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        asked = "SELECT datcollate, datctype, encoding FROM pg_database WHERE datname = %s"
        with scratch.database_for(database) as fresh:
            there = connection.exec_driver_sql(asked, (fresh,)).one()
        assert tuple(there) == ("C", "C", 6)


# ---------- interrupted


def interrupted(settings: Settings, backup: BackupSet, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A restore that stopped with everything ready and nothing in its place; what its marker says."""

    def stopped(*_said: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        if settings.database_url.startswith("sqlite"):
            patch.setattr(swapping, "replace_secret", stopped)
        else:
            patch.setattr(restoring_postgres, "_rename", stopped)
            patch.setattr(restoring_postgres, "_as_before", lambda *_said: None)
        with pytest.raises(OSError, match="Input/output"):
            restoring.restore(settings, backup.name)
    begun = swapping.interrupted(settings)
    assert begun is not None
    return begun


def spoil(settings: Settings, begun: dict[str, str]) -> None:
    """Take the sales out of what lies ready."""
    words = ("DELETE FROM month_sums", "DELETE FROM transactions")
    if "prepared" in begun:
        connection = sqlite3.connect(begun["prepared"])
        for each in words:
            connection.execute(each)
        connection.commit()
        connection.close()
        return
    with opened(settings) as database:
        beside = scratch.beside(database, begun["fresh"])
        with beside.engine.begin() as connection:
            for each in words:
                connection.exec_driver_sql(each)
        beside.close()


def test_what_lies_ready_is_proven_before_it_counts(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.secret_file.write_text("e" * 64)
    spoil(books, interrupted(books, backup, monkeypatch))
    done = vela("restore", backup.name)
    assert done.exit_code == 0, done.output
    assert held(books) == backup.manifest.contents
    assert books.secret_file.read_text() != "e" * 64
    kept = [path.read_text() for path in books.data_dir.rglob("secret*")]
    assert "e" * 64 in kept


@on_sqlite
def test_spoiled_where_it_stands_it_is_said(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = interrupted(books, backup, monkeypatch)
    spoil(books, begun)
    Path(begun["prepared"]).replace(begun["database"])
    done = vela("restore", backup.name)
    assert done.exit_code == 1
    assert "What was restored differs" in done.stderr
    assert "verified" not in done.stderr


def test_under_the_marker_nothing_opens_the_books(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(books, backup, monkeypatch)
    asked = Settings.from_environment(
        {"VELA_DATA_DIR": str(books.data_dir), "VELA_DATABASE_URL": books.database_url, "VELA_API_TOKEN": "vela_x"}
    )
    assert "Finish it first: vela restore" in vela("backup").stderr
    with pytest.raises(CannotStart, match="Finish it first: vela restore"):
        open_door(asked)
    done = vela("restore", backup.name)
    assert done.exit_code == 0, done.output
    assert "rows of transactions 4 3" in {" ".join(line.split()) for line in done.stdout.splitlines()}


@on_sqlite
def test_what_was_completed_first_is_told_too(
    books: Settings, backup: BackupSet, vela: Vela, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, _removed = making.make(books)
    interrupted(books, backup, monkeypatch)
    done = vela("restore", "latest")
    assert done.exit_code == 0, done.output
    assert [line for line in done.stdout.splitlines() if line.startswith("vela-")] == [backup.name, newer.name]
    kept = [line.rpartition(" ")[2] for line in done.stderr.splitlines() if "is kept as" in line]
    assert {Path(each) for each in kept} == set(books.data_dir.glob("before-restore-*"))
    assert len(kept) == 2
    assert sorted(sold(books)) == ALL


@on_sqlite
def test_refused_it_leaves_nothing_behind(books: Settings, backup: BackupSet) -> None:
    with opened(books) as database, database.reading() as session:
        session.execute(text("SELECT count(*) FROM services"))
        with pytest.raises(Conflict):
            restoring.restore(books, backup.name)
    assert not list(books.data_dir.glob(".restoring*"))


@on_sqlite
def test_what_was_never_proven_is_not_called_verified(books: Settings, backup: BackupSet, vela: Vela) -> None:
    path = backup.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"verified_at": None, "problems": ["A sum is wrong."]}))
    done = vela("restore", backup.name, "--unverified")
    assert done.exit_code == 0, done.output
    assert "never proven" in done.stderr
    assert "Restored and verified" not in done.stderr


def test_sign_ins_do_not_come_back(books: Settings, vela: Vela) -> None:
    words = read(Credentials, {"username": "salma", "password": make.PASSWORD})
    with opened(books) as database:
        given = entering.sign_in(database, books.secret(), words, address="127.0.0.1", agent="tests")
    backup, _removed = making.make(books)
    done = vela("restore", backup.name)
    assert "Everybody signs in again" in done.stderr
    with opened(books) as database, database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM sign_ins")) == 1
        assert session.scalar(text("SELECT count(*) FROM sign_ins WHERE ended_at IS NULL")) == 0
        assert visiting.actor_of_page(database, given.page_token, books.secret()) is None


@on_sqlite
def test_a_secret_half_way_is_finished_before_a_backup(books: Settings, vela: Vela) -> None:
    books.begin_next_secret()
    assert "Finish it first: vela secret rotate" in vela("backup").stderr
    assert vela("secret", "rotate").exit_code == 0
    assert vela("backup").exit_code == 0
