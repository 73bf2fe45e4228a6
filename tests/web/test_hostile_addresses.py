"""Addresses that a browser would never send are refused or ignored, never a fault of ours."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import htmx, submit
from vela.db import Database


@pytest.mark.parametrize("origin", ["http://[", "null", "https://evil.example", "x"])
@pytest.mark.parametrize("path", ["/login", "/api/auth/login", "/offers"])
def test_a_strange_origin_is_refused(app: Flask, path: str, origin: str) -> None:
    assert app.test_client().post(path, headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("here", ["http://[", "http://evil.example//[", "", "::::"])
def test_a_strange_page_is_no_way_back(stranger: FlaskClient, here: str) -> None:
    answer = stranger.get("/offers", headers={"HX-Request": "true", "HX-Current-URL": here})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")


@pytest.mark.parametrize("here", ["http://[", "/transactions?month=2026-13", "?q=%00"])
def test_a_sale_is_recorded_whatever_the_page_calls_itself(admin: FlaskClient, here: str) -> None:
    answer = htmx(admin, "POST", "/transactions", {"month": "2026-13", "back": here}, source="form#new-sale", page=here)
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["q", "by", "offer", "sort"])
def test_a_filter_with_nothing_printable_finds_nothing_or_all(admin: FlaskClient, name: str) -> None:
    assert admin.get(f"/transactions?{name}=%00").status_code == 200


def test_another_name_for_this_machine_is_not_served(app: Flask) -> None:
    assert app.test_client().get("/login", base_url="http://evil.example").status_code == 400
    assert app.test_client().get("/login", base_url="http://127.0.0.1:8788").status_code == 200


def test_a_page_that_looks_for_a_long_text_is_a_page(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        offer = make.offer(session)
    sale = {"service_id": str(offer.id), "quantity": "1", "month": "2026-11", "back": "?q=" + 60_000 * "a"}
    assert submit(admin, "/transactions", sale).status_code == 303


def test_scripts_are_kept_for_good_only_under_the_mark_of_what_they_are(stranger: FlaskClient) -> None:
    found = re.search(r'/scripts/[^"]+', stranger.get("/login").text)
    assert found
    asked = {found[0]: "immutable", found[0].partition("?")[0]: "no-cache", f"{found[0]}0": "no-cache"}
    for path, kept in asked.items():
        answer = stranger.get(path)
        assert (answer.status_code, kept in answer.headers["Cache-Control"]) == (200, True), path
