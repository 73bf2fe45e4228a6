"""The first steps in new books: what each shows when, who may take them, what is refused, and when they are gone."""

from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import sign_in, submit
from vela.db import Database
from vela.domain.ledger.commands import void_sale

NEW = "These books are new"


def test_a_press_makes_an_example_and_leads_to_its_prices_and_the_first_sale(
    admin: FlaskClient, database: Database
) -> None:
    page = admin.get("/").text
    assert all(f'value="{name}">' in page for name in ("Atlas", "Atlas+", "Rif", "Rif+"))
    made = submit(admin, "/first-steps/offer", {"example": "Rif"})
    assert (made.status_code, made.location) == (303, "/offers/1")
    assert "Step 2 of 3: check the prices" in admin.get("/offers/1").text
    page = admin.get("/").text
    assert "Rif costs you 1,700\u00a0MAD and sells for 3,600\u00a0MAD." in page
    assert "Record the first sale" not in page
    assert submit(admin, "/first-steps/prices").location == "/transactions#new-sale"
    assert "Step 2 of 3" not in admin.get("/offers/1").text
    assert "Record the first sale" in admin.get("/").text
    submit(admin, "/transactions", {"service_id": "1", "quantity": "1", "month": "2026-11"})
    assert NEW not in admin.get("/").text
    with database.transaction() as session:
        void_sale(session, make.admin(), 1)
    assert NEW not in admin.get("/").text, "what is done is done for good"


def test_an_example_that_is_none_or_is_there_already_is_refused(admin: FlaskClient) -> None:
    assert submit(admin, "/first-steps/offer", {"example": "Nothing"}).status_code == 404
    assert submit(admin, "/first-steps/offer", {"example": "Atlas"}).status_code == 303
    again = submit(admin, "/first-steps/offer", {"example": "Atlas"})
    assert again.status_code == 409
    assert "Atlas is taken." in again.text


def test_an_offer_without_components_asks_for_them(admin: FlaskClient) -> None:
    submit(admin, "/offers", {"name": "Mine"})
    assert 'href="/offers/1?add=1">Add its components' in admin.get("/").text


def test_the_name_and_the_currency_are_asked_for_once(admin: FlaskClient) -> None:
    page = admin.get("/").text
    assert "It is fixed from the first sale on" in page
    refused = submit(admin, "/first-steps/books", {"name": "Toubkal", "currency": "XXX"})
    assert refused.status_code == 422
    assert 'value="Toubkal"' in refused.text
    assert submit(admin, "/first-steps/books", {"name": "Toubkal", "currency": "EUR"}).location == "/"
    page = admin.get("/").text
    assert "Toubkal" in page
    assert "Amounts in EUR." in page
    assert NEW in page
    assert "It is fixed from the first sale on" not in page


def test_put_away_they_stay_away(admin: FlaskClient) -> None:
    assert submit(admin, "/first-steps/end").location == "/"
    page = admin.get("/").text
    assert NEW not in page
    assert "No offers yet" in page


def test_others_are_told_what_comes_and_may_change_nothing(app: Flask, viewer: FlaskClient, database: Database) -> None:
    assert "An admin can add the first one." in viewer.get("/").text
    for path in ("offer", "prices", "end", "books"):
        said = {"example": "Atlas", "name": "x", "currency": "EUR"}
        assert submit(viewer, f"/first-steps/{path}", said).status_code == 403, path
    with database.transaction() as session:
        make.offer(session)
        make.user(session, "samir", may_record_sales=False)
    page = viewer.get("/").text
    assert "Record the first sale" in page
    assert "/first-steps/" not in page
    assert "With the first sale, this page shows what it earns." in sign_in(app, "samir").get("/").text
