"""Whether this Vela can do its work, told to anybody who asks."""

from pathlib import Path

from flask import Flask

from tests.api.conftest import Program
from vela.app import create_app
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
    assert (answer.status_code, answer.json["status"], answer.json["schema"]) == (503, "unavailable", "outdated")
    app.extensions["vela"].database.close()


def test_a_database_that_is_away_is_no_good(tmp_path: Path) -> None:
    settings = {"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    away = Program(create_app(Settings.from_environment(settings)))
    answer = away.get("/health")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")
    refused = away.log_in("salma")
    assert (refused.status_code, refused.json["error"]) == (503, "BUSY")
    assert int(refused.headers["Retry-After"]) > 0
