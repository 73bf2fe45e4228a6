"""The palette's answers and its page: what is offered to whom, in which language, and how months are understood."""

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, partials, sign_in
from vela.blueprints.web.finding.months import months_meant
from vela.db import Database
from vela.domain.people import commands
from vela.domain.people.intake import PreferencesChosen
from vela.domain.people.models import User
from vela.intake import read
from vela.language import speaking
from vela.periods import Month
from vela.seeding import seed_demo

NOW = Month(2026, 11)
HREF = re.compile(r'<a class="opt"[^>]*href="([^"]+)"')


@pytest.fixture
def database_url(empty_file: Path, tmp_path: Path) -> str:
    shutil.copy(empty_file, tmp_path / "vela.db")
    return f"sqlite:///{tmp_path / 'vela.db'}"


@pytest.fixture
def demo(app: Flask, database: Database) -> FlaskClient:
    with database.transaction() as session:
        seed_demo(session)
    return sign_in(app, "admin", "admin123")


def options(client: FlaskClient, text: str) -> str:
    return partials(htmx(client, "GET", "/find", {}, page="/") if not text else htmx(client, "GET", f"/find?q={text}"))[
        "palette-list"
    ]


def test_an_offer_a_component_a_sale_and_an_act(demo: FlaskClient) -> None:
    found = options(demo, "atlas")
    assert HREF.findall(found)[:2] == ["/offers/1", "/offers/2"]
    assert "/transactions?offer=1#new-sale" in found
    assert "2,000 → 4,000" in found
    assert "costs 2,000, sells for 4,000" in found
    part = options(demo, "sauvegarde")
    assert re.search(r'href="/offers/2#component-\d+-name"', part)
    assert 'aria-selected="false"' in part
    there = r'href="(/transactions\?month=[\d-]+&amp;offer=\d+&amp;q=Migrated[^"]+#(sale-\d+))"'
    sale = re.search(there, options(demo, "migrated"))
    assert sale
    assert f'id="{sale[2]}"' in demo.get(sale[1].replace("&amp;", "&")).text


def test_nothing_typed_and_nothing_found(demo: FlaskClient) -> None:
    first = options(demo, "")
    assert first.index("Record a sale") < first.index("Profit and loss") < first.index("Rif+")
    none = partials(htmx(demo, "GET", "/find?q=%22%3Cb%3Ezzz"))
    assert none["palette-list"] == ""
    assert "Nothing matches “&#34;&lt;b&gt;zzz”." in none["palette-none"]
    assert '<data value="&#34;&lt;b&gt;zzz">Nothing matches.</data>' in none["palette-status"]


def test_every_door_leads_somewhere(demo: FlaskClient) -> None:
    for text in ("", "atlas", "nov", "r", "e"):
        for path in HREF.findall(options(demo, text)):
            assert demo.get(path.replace("&amp;", "&")).status_code == 200, path


def test_a_viewer_is_offered_what_they_may_do(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
        make.user(session, "looker", may_record_sales=False)
    viewer, looker = sign_in(app, "viewer", "viewer123"), sign_in(app, "looker")
    for client, records in ((viewer, True), (looker, False)):
        said = options(client, "") + options(client, "atlas") + options(client, "s")
        assert ("#new-sale" in said) is records
        assert "/offers/new" not in said
        assert "/settings" not in said
        assert re.search(r'href="/offers/2#component-\d+"', options(client, "sauvegarde"))


def test_files_out_and_in_are_acts_as_far_as_one_may(app: Flask, database: Database, demo: FlaskClient) -> None:
    with database.transaction() as session:
        make.user(session, "looker", may_record_sales=False)
    out = ["/offers.csv", "/offers.xlsx", "/transactions.csv", "/transactions.xlsx", "/profit.csv", "/profit.xlsx"]
    viewer, looker = sign_in(app, "viewer", "viewer123"), sign_in(app, "looker")
    for client, into in (
        (demo, ["/offers/import", "/transactions/import"]), (viewer, ["/transactions/import"]), (looker, []),
    ):  # fmt: skip
        *lists, paper = HREF.findall(options(client, "export"))
        assert lists == out
        assert paper.startswith("/profit.pdf?month=")
        assert HREF.findall(options(client, "import")) == into
        for path in (*lists, paper, *into):
            with client.get(path) as answer:
                assert answer.status_code == 200, path
    assert HREF.findall(options(demo, "xlsx offers")) == ["/offers.xlsx", "/offers/import"]


def test_the_page_of_its_own(demo: FlaskClient) -> None:
    html = demo.get("/find?q=atlas").text
    assert 'value="atlas"' in html
    assert "/offers/2" in HREF.findall(html)
    assert 'role="option"' not in html
    assert '<form method="post" action="/logout">' in demo.get("/find").text
    assert "Nothing matches" in demo.get("/find?q=zzz").text
    assert demo.get("/find?q=%00%20" + "x" * 5000).status_code == 200


def test_the_sheet_of_keys_and_its_page(demo: FlaskClient) -> None:
    sheet = htmx(demo, "GET", "/help/keys")
    assert "<dialog" in partials(sheet)["confirm"]
    page = demo.get("/help/keys").text
    for text in (sheet.text, page):
        assert "Undo the latest change of this page" in text


@pytest.mark.parametrize("on", [True, False])
def test_a_page_says_whether_single_keys_act(app: Flask, database: Database, admin: FlaskClient, on: bool) -> None:
    with database.transaction() as session:
        user = session.query(User).one()
        words = {"language": "", "single_keys": on}
        actor = make.viewer(user_id=user.id, username=user.username)
        commands.change_preferences(session, actor, read(PreferencesChosen, words))
    assert ("data-no-keys" not in admin.get("/").text) is on
    assert ("switched single keys off" not in admin.get("/help/keys").text) is on


@pytest.mark.parametrize(
    ("language", "text", "months", "rest"),
    [
        ("en", "november 2025", [Month(2025, 11)], ""),
        ("en", "2025-11", [Month(2025, 11)], ""),
        ("en", "11/2025", [Month(2025, 11)], ""),
        ("en", "nov", [Month(2026, 11), Month(2025, 11)], ""),
        ("en", "dec", [Month(2025, 12), Month(2024, 12)], ""),
        ("en", "nov 25", [Month(2025, 11)], ""),
        ("en", "profit sept 2025", [Month(2025, 9)], "profit"),
        ("en", "2025-13", [], "2025-13"),
        ("en", "nov 1800", [], ""),
        ("en", "ma", [], "ma"),
        ("en", "atlas", [], "atlas"),
        ("es", "noviembre de 2025", [Month(2025, 11)], ""),
        ("fr", "févr. 2026", [Month(2026, 2)], ""),
        ("fr", "fevrier", [Month(2026, 2), Month(2025, 2)], ""),
        ("fr", "jui", [], "jui"),
        ("ru", "Ноябрь 2025", [Month(2025, 11)], ""),
        ("ru", "ноября 2025", [Month(2025, 11)], ""),
        ("ru", "мая 2026", [Month(2026, 5)], ""),
    ],
)  # fmt: skip
def test_months_in_the_words_of_the_reader(language: str, text: str, months: list[Month], rest: str) -> None:
    with speaking(language):
        assert months_meant(text, NOW) == (months, rest)


def test_a_month_opens_what_is_asked_of_it(demo: FlaskClient) -> None:
    assert HREF.findall(options(demo, "november 2025"))[:3] == [
        "/?month=2025-11", "/transactions?month=2025-11", "/profit?month=2025-11",
    ]  # fmt: skip
    assert HREF.findall(options(demo, "profit 2025-11"))[0] == "/profit?month=2025-11"
