"""Proposals on the pages: what waits, who decides, and that what was shown is what is done."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import make
from tests.domain.books import part_id, reprice
from tests.domain.test_proposals import agent, propose
from tests.domain.test_withdrawn_proposals import revoke, token_agent
from tests.web.conftest import submit
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger.models import Transaction
from vela.domain.people import queries as people
from vela.domain.people import signins
from vela.domain.people.access import Actor, Face


@pytest.fixture
def atlas(database: Database) -> int:
    with database.transaction() as session:
        return make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500)).id


def owner(database: Database, username: str) -> Actor:
    with database.reading() as session:
        user = people.user_named(session, username)
        assert user is not None
        return agent(signins.actor_for(user, Face.AGENT))


def seen(client: FlaskClient, number: int) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{32})"', client.get(f"/proposals/{number}").text)
    assert found is not None
    return found[1]


def test_a_proposal_shows_its_money_and_is_done_when_it_is_approved(
    admin: FlaskClient, database: Database, atlas: int
) -> None:
    ram = part_id(database, atlas, "RAM")
    propose(database, owner(database, "salma"), "update_component", component_id=ram, unit_sell=550)
    assert "1 proposed change waits for a decision." in admin.get("/").text
    assert "1 waits" in " ".join(admin.get("/offers").text.split())
    page = " ".join(admin.get("/proposals/1").text.split())
    for words in ("Change a component of Atlas", "unit sell", "1,500", "1,550", "+50", "Laptop", "Waiting"):
        assert words in page
    answer = submit(admin, "/proposals/1/approve", {"seen": seen(admin, 1)}, follow_redirects=True)
    assert "Approved and done: Change a component of Atlas." in answer.text
    with database.reading() as session:
        assert catalog.service(session, atlas).totals.sell == 1550
    assert "as an agent proposed" in admin.get(f"/offers/{atlas}/history").text
    assert "Approved" in admin.get("/proposals").text
    again = submit(admin, "/proposals/1/approve", {"seen": "0" * 32})
    assert (again.status_code, "This was approved already, and done once." in again.text) == (409, True)


def test_a_sale_shows_what_the_month_gains(admin: FlaskClient, database: Database, atlas: int) -> None:
    said = {"service_id": atlas, "quantity": 2, "month": "2026-10", "notes": "<b>Order 1</b>"}
    propose(database, owner(database, "salma"), "add_transaction", **said)
    page = admin.get("/proposals/1").text
    for words in ("Record a sale of Atlas", "October 2026", "+1,200", "&lt;b&gt;Order 1&lt;/b&gt;"):
        assert words in page
    assert "+1,200" in admin.get("/proposals").text


def test_a_sale_to_void_shows_the_price_it_was_sold_at(admin: FlaskClient, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        sale = make.sale(session, catalog.service(session, atlas), quantity=2)
    reprice(database, part_id(database, atlas, "RAM"), unit_sell=900)
    propose(database, owner(database, "salma"), "void_transaction", transaction_id=sale.id)
    page = " ".join(admin.get("/proposals/1").text.split())
    assert "2 × 1,500<" in page
    assert "revenue 3,000, cost 1,800" in page


def test_when_the_ground_has_moved_the_page_shows_it_as_it_is_now(
    admin: FlaskClient, database: Database, atlas: int
) -> None:
    ram = part_id(database, atlas, "RAM")
    propose(database, owner(database, "salma"), "update_component", component_id=ram, unit_sell=550)
    old = seen(admin, 1)
    reprice(database, ram, unit_cost=310)
    answer = submit(admin, "/proposals/1/approve", {"seen": old})
    assert answer.status_code == 409
    assert "The ground has moved since you looked" in answer.text
    assert "910" in answer.text
    assert seen(admin, 1) != old
    assert submit(admin, "/proposals/1/approve", {"seen": seen(admin, 1)}).status_code == 303
    with database.reading() as session:
        assert catalog.service(session, atlas).totals.cost == 910


def test_what_cannot_be_done_any_more_says_why_and_can_be_declined(
    admin: FlaskClient, database: Database, atlas: int
) -> None:
    ram = part_id(database, atlas, "RAM")
    propose(database, owner(database, "salma"), "update_component", component_id=ram, quantity=2)
    propose(database, owner(database, "salma"), "delete_component", component_id=ram)
    assert submit(admin, "/proposals/2/approve", {"seen": seen(admin, 2)}).status_code == 303
    answer = submit(admin, "/proposals/1/approve", {"seen": seen(admin, 1)})
    assert (answer.status_code, f"There is no component with id {ram}." in answer.text) == (404, True)
    assert submit(admin, "/proposals/1/decline").headers["Location"] == "/proposals"
    assert "Declined" in admin.get("/proposals").text


@pytest.mark.parametrize("data", [{}, {"seen": ""}, {"seen": "0" * 32}, {"seen": "\x00"}])
def test_nothing_is_approved_unseen(admin: FlaskClient, database: Database, atlas: int, data: dict[str, str]) -> None:
    propose(database, owner(database, "salma"), "add_transaction", service_id=atlas, month="2026-10")
    assert submit(admin, "/proposals/1/approve", data).status_code == 409
    with database.reading() as session:
        assert session.scalars(select(Transaction)).all() == []


def test_a_viewer_sees_and_approves_what_their_own_token_proposed_and_nothing_else(
    viewer: FlaskClient, admin: FlaskClient, database: Database, atlas: int
) -> None:
    propose(database, owner(database, "salma"), "add_transaction", service_id=atlas, month="2026-10")
    propose(database, owner(database, "youssef"), "add_transaction", service_id=atlas, month="2026-10")
    assert viewer.get("/proposals/1").status_code == 404
    for act in ("approve", "decline"):
        assert submit(viewer, f"/proposals/1/{act}", {"seen": "0" * 32}).status_code == 404
    assert submit(viewer, "/proposals/2/approve", {"seen": seen(viewer, 2)}).status_code == 303


def test_who_may_not_do_it_any_more_is_told_and_offered_no_button(
    viewer: FlaskClient, database: Database, atlas: int
) -> None:
    propose(database, owner(database, "youssef"), "add_transaction", service_id=atlas, month="2026-10")
    mark = seen(viewer, 1)
    with database.transaction() as session:
        user = people.user_named(session, "youssef")
        assert user is not None
        user.may_record_sales = False
    words = "Youssef, whose token proposed this, may not do it any more. Nobody can approve it."
    page = viewer.get("/proposals/1").text
    assert words in page
    assert words in viewer.get("/proposals").text
    assert "/proposals/1/approve" not in page
    assert submit(viewer, "/proposals/1/approve", {"seen": mark}).status_code == 403


def test_what_a_revoked_token_proposed_says_so_and_offers_no_button(
    admin: FlaskClient, database: Database, atlas: int
) -> None:
    with database.reading() as session:
        user = people.user_named(session, "salma")
        assert user is not None
        salma = signins.actor_for(user, Face.BROWSER)
    laptop = token_agent(database, salma)
    propose(database, laptop, "add_transaction", service_id=atlas, month="2026-10")
    mark, words = seen(admin, 1), "The token that proposed this was revoked since. Nobody can approve it."
    revoke(database, salma, laptop)
    page = admin.get("/proposals/1").text
    assert (words in page, "Withdrawn" in page) == (True, True)
    assert "/proposals/1/approve" not in page
    assert "/proposals/1/decline" not in page
    assert words in admin.get("/proposals").text
    assert "waits for a decision" not in admin.get("/").text
    answer = submit(admin, "/proposals/1/approve", {"seen": mark})
    assert (answer.status_code, answer.text.count(words)) == (409, 1)


def test_what_would_change_nothing_by_now_is_not_approved(admin: FlaskClient, database: Database, atlas: int) -> None:
    ram = part_id(database, atlas, "RAM")
    propose(database, owner(database, "salma"), "update_component", component_id=ram, unit_sell=550)
    mark = seen(admin, 1)
    reprice(database, ram, unit_sell=550)
    answer = submit(admin, "/proposals/1/approve", {"seen": mark})
    assert (answer.status_code, "This would change nothing" in answer.text) == (409, True)


@pytest.mark.parametrize("note", ["—", "-", "0"])
def test_a_note_of_a_dash_is_shown(admin: FlaskClient, database: Database, atlas: int, note: str) -> None:
    said = {"service_id": atlas, "name": "SSD", "unit_cost": 1, "unit_sell": 2, "notes": note}
    propose(database, owner(database, "salma"), "add_component", **said)
    assert f'<span class="t2">notes</span></span><span class="tnum text-end v-cut2"><ins class="fw-6">{note}</ins>' in (
        admin.get("/proposals/1").text
    )


def test_many_decided_ones_stand_on_several_pages(
    admin: FlaskClient, database: Database, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vela.domain.proposals.queries.MOST", 2)
    for _each in range(3):
        propose(database, owner(database, "salma"), "add_transaction", service_id=atlas, month="2026-10")
    for number in (1, 2, 3):
        submit(admin, f"/proposals/{number}/decline")
    page = admin.get("/proposals").text
    assert "/proposals?before=2" in page
    assert "/proposals/1" in admin.get("/proposals?before=2").text
    assert admin.get("/proposals?before=x").status_code == 422
    assert admin.get("/proposals/99").status_code == 404
