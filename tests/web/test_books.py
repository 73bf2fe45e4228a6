"""The state of the books and the history of all changes, for admins."""

import re
from decimal import Decimal
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

import vela
from tests import make
from tests.damaging import damage
from tests.domain.books import act
from tests.domain.test_audit import steps
from tests.web.conftest import sign_in, submit
from tests.web.test_retries import seen_on
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.commands import deactivate, revise_component
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.people.commands import set_password
from vela.wording import telling

PAGES = ("/settings/books", "/settings/trail")


def test_viewers_are_kept_out(viewer: FlaskClient) -> None:
    for path in PAGES:
        assert viewer.get(path).status_code == 403
    assert submit(viewer, "/settings/books/check").status_code == 403


def test_the_settings_lead_there(admin: FlaskClient) -> None:
    page = admin.get("/settings").text
    assert all(f'href="{path}"' in page for path in PAGES)


def test_a_check_is_asked_for_and_its_result_shown(admin: FlaskClient, database: Database) -> None:
    assert "never checked" in admin.get("/settings/books").text
    assert submit(admin, "/settings/books/check").location == "/settings/books"
    page = admin.get("/settings/books").text
    assert "Everything added up, just now." in page
    with database.reading() as session:
        assert f'<code class="v-hash">{chain.head(session).hash}</code>' in page
    assert "No month is closed." in page


def test_what_a_check_finds_stands_on_the_page_and_above_every_page(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.sale(session, make.offer(session))
    damage(database, "UPDATE month_sums SET revenue = revenue + 1")
    submit(admin, "/settings/books/check")
    page = admin.get("/settings/books").text
    assert "1 thing was wrong, just now." in page
    assert "The kept sum of Atlas in 2026-11" in re.sub(r".*</aside>", "", page, flags=re.DOTALL)
    assert "The kept sum of Atlas in 2026-11" in admin.get("/").text
    damage(database, "UPDATE month_sums SET revenue = revenue - 1")
    submit(admin, "/settings/books/check")
    assert "v-stopped" not in admin.get("/settings/books").text


def sentences(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r'<div class="what">(.*?)</div>', page)]


def test_changes_are_told_in_sentences(admin: FlaskClient) -> None:
    submit(admin, "/offers", {"name": "Rif"})
    submit(admin, "/profit/expenses", {"name": "Rent", "amount": "10"})
    close = "/profit/months/2026-10/close"
    submit(admin, close, {"reason": "Handed in", "seen": seen_on(admin, close)})
    page = admin.get("/settings/trail").text
    assert sentences(page)[:3] == ["Salma closed October 2026", "Salma added expense Rent", "Salma made offer Rif"]
    assert "in the browser" in page
    only = admin.get("/settings/trail?subject=expense&user=salma").text
    assert sentences(only) == ["Salma added expense Rent"]
    assert sentences(admin.get("/settings/trail?subject=nothing").text) == []


def test_whose_password_was_set_is_told_by_name(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        omar = make.user(session, "omar").id
        set_password(session, make.admin(), omar, "quite another secret")
    assert sentences(admin.get("/settings/trail").text)[0] == "Operator set the password of user Omar"


def test_sales_and_changes_are_told_with_names_amounts_and_months(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session, "Atlas", ("HDD", "600.5", 1000))
        make.sale(session, offer, 2, "2026-11")
        revise_component(session, make.admin(), offer.components[0].id, ComponentChanges(unit_cost=Decimal(700)))
        deactivate(session, make.admin(), offer.id)
    page = admin.get("/settings/trail").text
    assert sentences(page)[:3] == [
        "Operator changed offer Atlas",
        "Operator changed a component of offer Atlas",
        "Operator recorded the sale of 2 × Atlas in November 2026 for 2,000\u00a0MAD",
    ]
    told = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<dl.*?</dl>", page, re.DOTALL)]
    assert told[0].startswith("revision 3 active yes no Hash"), told[0]
    assert told[1].startswith("revision 2 HDD, unit cost 600.50 700 Hash"), told[1]
    assert "offer Atlas" in told[2]
    assert "month November 2026" in told[2]
    assert "revenue 2,000 cost 1,201 Hash" in told[2]
    assert "HDD 1 × cost 600.50, sell 1,000" in told[3]
    assert "_" not in "".join(re.sub("Hash [0-9a-f]{64}", "", each) for each in told)
    assert '<option value="salma"' not in page, "Salma changed nothing yet"
    assert '<option value="operator">Operator' in page


def test_the_history_is_read_page_by_page(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for number in range(70):
            make.offer(session, f"Offer {number}")
    seen: list[str] = []
    path = "/settings/trail?subject=service"
    while path:
        page = admin.get(path).text
        seen += sentences(page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"Operator made offer Offer {number}" for number in reversed(range(70))]


def test_hostile_addresses_of_the_history_show_a_page(admin: FlaskClient) -> None:
    for query in ("before=x", "before=-1", "before=99999999999999999999", "subject=%00", "user=%27%3Cb%3E"):
        answer = admin.get(f"/settings/trail?{query}")
        assert answer.status_code == 200, query
        assert "<b>'" not in answer.text


def test_every_kind_of_change_has_a_sentence_of_its_own(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
    browser = sign_in(app, "nadia")
    for _action, _subject, _count, do in steps(database):
        act(database, do)
    told = [each for query in ("", "?before=20") for each in sentences(browser.get(f"/settings/trail{query}").text)]
    assert len(told) > 20
    assert [each for each in told if ": " in each] == []


def test_every_act_that_the_program_records_has_a_sentence() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(vela.__file__).parent.rglob("*.py"))
    acts = set(re.findall(r'trail\.record\(\s*\w+,\s*[\w()]+,\s*"([^"]+)"', sources)) | {
        *("change component", "change components", "reprice")
    }
    assert {"rotate secret", "use recovery code", "end sign-ins"} < acts
    told = {act: telling.sentence(AuditEntry(action=act, subject="user", subject_id=7)) for act in acts}
    assert [act for act, words in told.items() if words.startswith(f"{act}: ")] == []
