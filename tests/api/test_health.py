"""Whether this Vela can do its work, told to anybody who asks."""

from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from sqlalchemy import text

from tests import make
from tests.api.conftest import Program
from vela import checking
from vela.app import create_app
from vela.clock import now
from vela.db import Database
from vela.settings import Settings


def test_all_is_well(stranger: Program) -> None:
    answer = stranger.get("/health")
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["database"], answer.json["schema"]) == ("ok", "ok", "current")


def closed(app: Flask) -> Program:
    app.extensions["vela"].database.close()
    return Program(app)


def test_a_database_without_the_schema_is_no_good(tmp_path: Path) -> None:
    app = create_app(Settings.from_environment({"VELA_DATA_DIR": str(tmp_path)}))
    answer = closed(app).get("/health")
    assert (answer.status_code, answer.json["status"], answer.json["schema"]) == (503, "unavailable", "missing")
    assert closed(app).get("/health/ready").json["reasons"] == ["books_missing"]
    app.extensions["vela"].database.close()


def test_a_database_that_is_away_is_no_good(tmp_path: Path) -> None:
    settings = {"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    away = Program(create_app(Settings.from_environment(settings)))
    answer = away.get("/health")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")
    refused = away.log_in("salma")
    assert (refused.status_code, refused.json["error"]) == (503, "UNREACHABLE")
    assert int(refused.headers["Retry-After"]) > 0


def ready(program: Program) -> tuple[int, str, list[str]]:
    answer = program.get("/health/ready")
    return answer.status_code, answer.json["status"], answer.json["reasons"]


def test_a_process_that_answers_is_live_whatever_becomes_of_the_database(tmp_path: Path, stranger: Program) -> None:
    settings = {"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    away = Program(create_app(Settings.from_environment(settings)))
    assert [each.get("/health/live").json for each in (away, stranger)] == [{"status": "live"}] * 2
    assert ready(away) == (503, "unavailable", ["database_unreachable"])
    assert str(tmp_path) not in away.get("/health/ready").text


def test_books_that_were_checked_are_ready(stranger: Program, books: Database) -> None:
    assert ready(stranger) == (200, "ready", ["never_checked"])
    assert checking.check(books) == []
    assert ready(stranger) == (200, "ready", [])


def test_an_old_check_is_said(stranger: Program, books: Database) -> None:
    with time_machine.travel(now() - timedelta(hours=37)):
        checking.check(books)
    assert ready(stranger) == (200, "ready", ["check_old"])


def test_stopped_books_are_ready_for_reading(stranger: Program, books: Database) -> None:
    with books.transaction() as session:
        make.sale(session, make.offer(session))
        session.execute(text("UPDATE month_sums SET revenue = revenue + 1"))
    assert checking.check(books)
    assert ready(stranger) == (200, "read_only", ["stopped", "check_failed"])


def test_a_server_that_refuses_writes_is_ready_for_reading(postgres_database: str, tmp_path: Path) -> None:
    url = f"{postgres_database}?options=-cdefault_transaction_read_only%3Don"
    app = create_app(Settings.from_environment({"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": url}))
    status, standing, reasons = ready(Program(app))
    app.extensions["vela"].database.close()
    assert (status, standing) == (200, "read_only")
    assert "not_writable" in reasons
