"""Whatever the clock says, and wherever the books are kept, the present month is the local one, on every face alike."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.api.conftest import Program, signed_in
from tests.mcp.conftest import Agent, token_of
from tests.proofs.service import Service, admin_token, serving
from tests.proofs.writing import Client
from tests.web.conftest import sign_in, submit
from vela import checking
from vela.db import Database
from vela.domain.people.access import operator
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace
from vela.intake import read

# Casablanca is an hour ahead of UTC, and not during Ramadan: 2026-02-15 to 03-22, 2027-02-07 to 03-14,
# 2028-01-23 to 03-05.
MOMENTS = [
    ("Pacific/Kiritimati", "2026-10-31T09:59:59", "2026-10"),
    ("Pacific/Kiritimati", "2026-10-31T10:00:00", "2026-11"),
    ("Etc/GMT+12", "2026-11-01T11:59:59", "2026-10"),
    ("Etc/GMT+12", "2026-11-01T12:00:00", "2026-11"),
    ("Africa/Casablanca", "2026-10-31T22:59:59", "2026-10"),
    ("Africa/Casablanca", "2026-10-31T23:00:00", "2026-11"),
    ("Africa/Casablanca", "2026-01-31T23:00:00", "2026-02"),
    ("Africa/Casablanca", "2026-02-28T23:59:59", "2026-02"),
    ("Africa/Casablanca", "2026-03-01T00:00:00", "2026-03"),
    ("Africa/Casablanca", "2026-03-31T22:59:59", "2026-03"),
    ("Africa/Casablanca", "2026-03-31T23:00:00", "2026-04"),
    ("Africa/Casablanca", "2027-02-28T23:59:59", "2027-02"),
    ("Africa/Casablanca", "2027-03-01T00:00:00", "2027-03"),
    ("Africa/Casablanca", "2028-02-29T23:59:59", "2028-02"),
    ("Africa/Casablanca", "2028-03-01T00:00:00", "2028-03"),
    ("Africa/Casablanca", "2026-12-31T22:59:59", "2026-12"),
    ("Africa/Casablanca", "2026-12-31T23:00:00", "2027-01"),
    ("Pacific/Kiritimati", "2028-02-28T10:00:00", "2028-02"),
    ("Australia/Lord_Howe", "2026-12-31T13:00:00", "2027-01"),
]
ENTERED = re.compile(r'name="month" type="month" value="([^"]+)"')


def keep_books_in(database: Database, zone: str) -> None:
    with database.transaction() as session:
        change_workspace(session, operator(), read(WorkspaceChanges, {"time_zone": zone}))


@contextmanager
def clock_at(instant: str) -> Iterator[None]:
    with time_machine.travel(datetime.fromisoformat(instant).replace(tzinfo=UTC), tick=False):
        yield


def test_a_sale_of_now_belongs_to_the_local_month(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.offer(session, "Atlas", ("HDD", 600, 1000))
    token = token_of(database, "salma")
    agent, program = Agent(database, token, "auto"), Program(app, token)
    sold: Counter[str] = Counter()
    for zone, instant, month in MOMENTS:
        with clock_at(instant):
            keep_books_in(database, zone)
            browser = sign_in(app, "salma")
            assert entered_month(browser) == month, (zone, instant)
            sale = {"service_id": "1", "quantity": "1", "month": entered_month(browser), "notes": ""}
            assert submit(browser, "/transactions", sale).status_code == 303
            sold[month] += 1000
            profit, board = program.get("/api/pnl").json, program.get("/api/dashboard").json
            assert (profit, board) == (agent.answer("get_pnl"), agent.answer("get_dashboard"))
            assert (profit["month"], profit["total_revenue"]) == (month, sold[month])
            assert (board["current"]["month"], board["current"]["total_revenue"]) == (month, sold[month])
            assert board["trend"][-1] == board["current"]
            assert f"/transactions?month={month}#new-sale" in browser.get("/").text


def entered_month(browser: FlaskClient) -> str:
    """The month that the line for a new sale comes with."""
    found = ENTERED.search(browser.get("/transactions").text)
    assert found
    return found[1]


def test_a_clock_set_back_an_hour_moves_nothing(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.offer(session, "Atlas", ("HDD", 600, 1000))
    with clock_at("2026-10-31T23:30:00"):  # half past midnight in Casablanca, in November
        program = signed_in(app, "salma")
        for _sale in range(3):
            sell_now(program)
    with clock_at("2026-10-31T22:30:00"):
        for _sale in range(2):
            sell_now(program)
        program.put("/api/components/1", {"unit_cost": 700})
    with clock_at("2026-10-31T23:31:00"):
        sell_now(program)
        figures = [program.get(f"/api/pnl?month={month}").json["total_cost"] for month in ("2026-10", "2026-11")]
        assert figures == [2 * 600, 3 * 600 + 700]
        assert checking.check(database) == []


def sell_now(program: Program) -> None:
    month = program.get("/api/pnl").json["month"]
    assert program.post("/api/transactions", {"service_id": 1, "month": month}).status_code == 201


def test_a_sign_in_in_use_lasts_24_hours_to_the_second(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    began = datetime(2028, 2, 28, 12, tzinfo=UTC)
    with time_machine.travel(began, tick=False) as clock:
        browser, program = sign_in(app, "salma"), signed_in(app, "salma")
        for hours in range(1, 24):
            clock.move_to(began + timedelta(hours=hours))
            assert (browser.get("/").status_code, program.get("/api/auth/me").status_code) == (200, 200)
        clock.move_to(began + timedelta(hours=23, minutes=59, seconds=59))
        assert (browser.get("/").status_code, program.get("/api/auth/me").status_code) == (200, 200)
        clock.move_to(began + timedelta(hours=24, seconds=1))
        assert (browser.get("/").status_code, program.get("/api/auth/me").status_code) == (303, 401)


def test_a_sign_in_that_nobody_uses_ends_to_the_second(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
    idle = app.extensions["vela"].settings.idle
    began = datetime(2026, 12, 31, 20, tzinfo=UTC)
    for unused, answers in ((idle - timedelta(seconds=1), (200, 200)), (idle + timedelta(seconds=1), (303, 401))):
        with time_machine.travel(began, tick=False) as clock:
            browser, program = sign_in(app, "salma"), signed_in(app, "salma")
            clock.move_to(began + unused)
            assert (browser.get("/").status_code, program.get("/api/auth/me").status_code) == answers


# ---------- the real program under a false clock

FALSE_CLOCKS = [
    ("2026-10-31 23:00:00", "2026-11"),
    ("2027-02-28 23:30:00", "2027-02"),  # Ramadan: no hour ahead
]


def libfaketime() -> str:
    """The library that falsifies the clock of a program; without it the asking test is skipped."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.skip("No libfaketime: no real program ran under a false clock. On Debian: apt install faketime.")
    return str(found[0])


def test_the_program_believes_a_false_clock(tmp_path: Path) -> None:
    preload = {"LD_PRELOAD": libfaketime(), "TZ": "UTC"}
    url = f"sqlite:///{tmp_path}/vela.db"
    token = admin_token(url)
    for clock, month in FALSE_CLOCKS:
        with serving(tmp_path, url, preload | {"FAKETIME": f"@{clock}"}) as service:
            assert months_told(service, token) == {month}
            service.stop()


def months_told(service: Service, token: str) -> set[str]:
    client = Client(service.port, token)
    months = {client.get("/api/pnl")["month"], client.get("/api/dashboard")["current"]["month"]}
    client.close()
    return months
