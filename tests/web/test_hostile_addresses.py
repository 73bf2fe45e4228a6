"""Addresses that a browser would never send are refused or ignored, never a fault of ours."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import htmx


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
