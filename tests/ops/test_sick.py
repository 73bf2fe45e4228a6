"""Sick installations are described, never crashed on; and a probe that everybody may ask costs little."""

import re
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.api.conftest import Program
from vela import checking
from vela.backup.making import make as back_up
from vela.db import Database
from vela.doctor.findings import Verdict
from vela.doctor.visit import visit
from vela.settings import Settings

ROOT = Path(__file__).parent.parent.parent
WRITES = re.compile(r'(?:log\(\)\.(?:info|warning|error)|\bwrite)\(\s*"([a-z -]+)"')


def test_a_stored_time_that_is_none_is_told_and_not_stumbled_over(
    app: Flask, books: Database, settings: Settings
) -> None:
    if not books.is_sqlite:
        pytest.skip("PostgreSQL stores no such time")
    checking.check(books)
    with books.transaction() as session:
        session.execute(text("UPDATE check_results SET at = 'garbage'"))
    found = {each.code: each for each in visit(settings, books)}
    assert found["database"].verdict is Verdict.FAIL
    assert "cannot be read" in found["database"].words
    ready = Program(app).get("/health/ready")
    assert (ready.status_code, ready.json["reasons"]) == (503, ["database_unreadable"])
    figures = Program(app).get("/metrics")
    assert (figures.status_code, "vela_database_up 0.0" in figures.text) == (200, True)


def test_readiness_opens_no_backup(app: Flask, books: Database, settings: Settings) -> None:
    checking.check(books)
    back_up(settings)
    listening, looked = [True], list[str]()

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening[0] and event in ("open", "os.scandir", "os.listdir"):
            looked.append(str(arguments[0]))

    sys.addaudithook(hear)
    Program(app).get("/metrics")
    assert any(each.startswith(str(settings.backup_dir)) for each in looked)
    looked.clear()
    assert Program(app).get("/health/ready").status_code == 200
    listening[0] = False
    assert [each for each in looked if each.startswith(str(settings.backup_dir))] == []


def test_every_event_of_the_log_is_in_the_table() -> None:
    written = {name for path in (ROOT / "vela").rglob("*.py") for name in WRITES.findall(path.read_text())}
    part = (ROOT / "docs" / "operations.md").read_text().partition("## Read the logs")[2].partition("\n## ")[0]
    assert written == set(re.findall(r"^\| `([a-z -]+)` \|", part, re.MULTILINE))


def test_both_steps_of_signing_in_are_slowed_down_by_the_proxy() -> None:
    rule = re.search(r"location ~ (\S+) \{\s+limit_req ", (ROOT / "deploy" / "nginx.conf").read_text())
    assert rule is not None
    slowed = [path for path in ("/login", "/login/code", "/api/auth/login", "/", "/login/x") if re.match(rule[1], path)]
    assert slowed == ["/login", "/login/code", "/api/auth/login"]
