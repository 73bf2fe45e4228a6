"""Lists as files over the API: what a script gets is what a person downloads, byte for byte."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.api.conftest import Program
from tests.web.conftest import sign_in
from vela.db import Database
from vela.domain.catalog.commands import change_service, deactivate
from vela.domain.catalog.intake import ServiceChanges
from vela.domain.ledger.commands import void_sale
from vela.domain.people.intake import NewToken
from vela.domain.people.models import User
from vela.domain.people.signins import create_token
from vela.exports import making
from vela.intake import read

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil.test";"a")'
SALES = "/transactions.{}?"
# What a person asks for on a page, and what a script asks for the same: with one question mark each.
SAME = {
    "/transactions.{}?month=2026-11": "/transactions?",
    "/transactions.{}?month=2026-10": "/transactions?month=2026-10",
    "/transactions.{}?from=2026-10&to=2026-11&sort=-margin": "/transactions?from=2026-10&to=2026-11&sort=-margin",
    "/transactions.{}?month=2026-11&offer=1&revision=2&sort=quantity":
        "/transactions?month=2026-11&service_id=1&revision=2&sort=quantity",
    "/transactions.{}?month=2026-11&part=1-1&q=order": "/transactions?component_id=1&component_version=1&q=order",
    "/transactions.{}?month=2026-11&by=Operator&voided=1": "/transactions?by=Operator&voided=true",
    "/offers.{}?sort=-cost": "/services?sort=-cost",
    "/offers.{}?q=1TB": "/services?q=1tb",
    "/offers.{}?status=archived": "/services?archived=true",
    "/offers/components.{}?sort=margin": "/services/components?sort=margin",
    "/offers/1.{}?": "/services/1/components?",
    "/offers/1/history.{}?": "/services/1/revisions?",
    "/profit.{}?month=2026-11": "/pnl/statement?",
    "/profit.{}?by=quarter&to=2026-Q4": "/pnl/statement?by=quarter&to=2026-Q4",
    "/profit/expenses.{}?month=2026-10": "/expenses?month=2026-10",
    "/settings/trail.{}?": "/audit?",
    "/settings/trail.{}?subject=service&user=operator": "/audit?subject=service&username=operator",
}  # fmt: skip
LISTS = sorted({address.partition("?")[0] for address in SAME.values()})


@pytest.fixture
def filled(app: Flask, books: Database) -> Database:
    """Two services and an archived one, sales of two months, a voided one, an expense."""
    with books.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", "600.25", 1000), ("RAM", 300, 500), description="1TB Storage")
        change_service(session, make.admin(), atlas.id, read(ServiceChanges, {"list_sell": "1400"}))
        rif = make.offer(session, HOSTILE, ("-SSD", "300.00001", 600))
        deactivate(session, make.admin(), make.offer(session, "Old").id)
        make.sale(session, atlas, 2, notes="Order 1047")
        make.sale(session, rif, 3, notes="@SUM(A1)")
        make.sale(session, atlas, 1, "2026-10")
        void_sale(session, make.admin(), make.sale(session, rif, 7).id)
        make.expense(session, "+Rent", "800.50", first_month="2026-10")
    return books


@pytest.fixture
def page(app: Flask, admin: Program) -> FlaskClient:
    """The browser of the same admin."""
    return sign_in(app, "salma")


def heads(answer: object) -> dict[str, str | None]:
    names = ("Content-Type", "Content-Disposition", "Content-Language", "Content-Length")
    return {name: answer.headers.get(name) for name in names}  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_script_gets_the_bytes_that_a_person_downloads(
    filled: Database, page: FlaskClient, admin: Program, ending: str, language: str
) -> None:
    speaks = {"Accept-Language": language}
    with time_machine.travel(NOW, tick=False):
        for seen, asked in SAME.items():
            person = page.get(seen.format(ending), headers=speaks)
            script = admin.get(f"/api/exports{asked}&format={ending}", headers=speaks)
            assert (person.status_code, script.status_code) == (200, 200), (asked, script.text)
            assert script.data == person.data, asked
            assert heads(script) == heads(person)
            assert "ETag" not in script.headers


def test_the_paper_of_a_month_is_the_same_too(filled: Database, page: FlaskClient, viewer: Program) -> None:
    speaks = {"Accept-Language": "es"}
    with time_machine.travel(NOW, tick=False):
        person, script = (
            page.get("/profit.pdf?month=2026-10", headers=speaks),
            viewer.get("/api/exports/pnl?month=2026-10", headers=speaks),
        )
        assert script.data == person.data
        assert heads(script) == heads(person)
        assert viewer.get("/api/exports/pnl").data == page.get("/profit.pdf", headers={"Accept-Language": "en"}).data


def test_without_a_format_it_is_csv_and_formulas_are_made_plain(filled: Database, viewer: Program) -> None:
    answer = viewer.get("/api/exports/services")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = re.sub(r"\d{4}-\d\d-\d\d", "DAY", answer.headers["Content-Disposition"])
    assert name == 'attachment; filename="vela-offers-DAY.csv"'
    assert f"'{HOSTILE}".replace('"', '""') in answer.text


WRONG = [
    *((f"{path}?format=pdf", "format") for path in LISTS),
    ("/services?format=", "format"),
    ("/services?format=CSV", "format"),
    ("/services?sort=colour", "sort"),
    ("/services?archived=1", "archived"),
    ("/services?colour=blue", "colour"),
    ("/transactions?sort=--added", "sort"),
    ("/transactions?month=2026-13", "month"),
    ("/transactions?from=2026-11&to=2026-10", "to"),
    ("/transactions?revision=1", "service_id"),
    ("/transactions?component_id=1", "component_version"),
    ("/transactions?component_version=1", "component_id"),
    ("/pnl/statement?by=week", "by"),
    ("/pnl/statement?by=quarter&to=2026-11", "to"),
    ("/expenses?month=now", "month"),
    ("/pnl?format=csv", "format"),
    ("/transactions?month=2026-10&from=2026-11", "month"),
    ("/audit?before=3", "before"),
    ("/audit?subject=sale", "subject"),
]


def test_what_nobody_sold_is_a_file_without_rows(filled: Database, viewer: Program) -> None:
    for number in (99, 2**31 - 1, 2**31, 2**53 - 1):
        for narrowed in (
            f"service_id={number}",
            f"service_id=1&revision={number}",
            f"component_id=1&component_version={number}",
            f"component_id={number}&component_version=1",
        ):
            answer = viewer.get(f"/api/exports/transactions?{narrowed}")
            assert (answer.status_code, answer.text.count("\n")) == (200, 1), narrowed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_makes_no_sense_is_refused_at_its_parameter(filled: Database, admin: Program) -> None:
    for path, field in WRONG:
        answer = admin.get(f"/api/exports{path}")
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), path
        assert [each["pointer"] for each in answer.json["errors"]] == [f"#/{field}"], path
    assert admin.get("/api/exports/services?format=pdf").json["detail"] == "Choose one of these: csv, xlsx."
    for path in ("/services/99/components", "/services/x/revisions"):
        assert admin.get(f"/api/exports{path}").json["error"] == "SERVICE_NOT_FOUND"


def test_a_viewer_and_a_token_that_reads_have_what_they_may_see(
    filled: Database, admin: Program, viewer: Program
) -> None:
    with filled.transaction() as session:
        salma = session.query(User).filter_by(username="salma").one()
        _token, secret = create_token(session, make.admin(), salma, read(NewToken, {"name": "a", "scope": "read"}))
    admin.token = secret
    for path in [*LISTS, "/pnl"]:
        assert admin.get(f"/api/exports{path}").status_code == 200, path
        assert viewer.get(f"/api/exports{path}").status_code == (403 if path == "/audit" else 200), path


def test_one_file_at_a_time_is_made_for_each_user(
    filled: Database, admin: Program, viewer: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.01)
    with filled.reading() as session:
        mine = session.query(User).filter_by(username="salma").one().id
    with making.turns_of(mine).turn(1):
        for path in ("/services", "/pnl"):
            answer = admin.get(f"/api/exports{path}")
            assert (answer.status_code, answer.json["error"]) == (409, "BUSY")
        assert viewer.get("/api/exports/services").status_code == 200
    assert admin.get("/api/exports/services").status_code == 200


def test_a_large_file_comes_whole_and_is_closed(
    filled: Database, admin: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = admin.get("/api/exports/services").data
    monkeypatch.setattr(making, "IN_MEMORY", 10)
    monkeypatch.setattr(making, "PIECE", 7)
    with admin.get("/api/exports/services") as answer:
        assert not answer.is_sequence
        assert (answer.data, answer.content_length) == (whole, len(whole))


def test_the_document_says_which_kinds_of_files_there_are(stranger: Program) -> None:
    paths = stranger.get("/api/openapi.json").json["paths"]
    kinds: Callable[[str], list[str]] = lambda path: sorted(  # noqa: E731
        paths[f"/api/exports{path}"]["get"]["responses"]["200"]["content"]
    )
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    named = [path.replace("/1/", "/{service_id}/") for path in LISTS]
    assert [kinds(path) for path in named] == [[xlsx, "text/csv"]] * len(named)
    assert kinds("/pnl") == ["application/pdf"]
    assert "304" not in paths["/api/exports/pnl"]["get"]["responses"]
