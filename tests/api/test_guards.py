"""Every address under /api: closed to strangers, told apart from those that do not exist, answered in JSON alone."""

import re

import pytest
from flask import Flask

from tests.api.conftest import Program
from vela.blueprints.api.guards import OPEN


def calls_of(app: Flask) -> list[tuple[str, str, str]]:
    """Each call under /api: its method, its path with 1 for every id and a month for a month, and its endpoint."""
    return [
        (method, re.sub(r"<[^>]+>", "1", rule.rule.replace("<month>", "2026-11")), rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_call_but_the_open_ones_asks_for_a_token(app: Flask, stranger: Program) -> None:
    closed = [(method, path) for method, path, endpoint in calls_of(app) if endpoint not in OPEN]
    assert len(closed) > 20
    answers = {call: stranger.call(*call, data="no JSON at all") for call in closed}
    assert {call: answer.status_code for call, answer in answers.items()} == dict.fromkeys(closed, 401)
    assert {answer.mimetype for answer in answers.values()} == {"application/problem+json"}


def test_a_viewer_changes_nothing_but_sales_and_what_is_theirs(app: Flask, viewer: Program) -> None:
    writes = [(method, path) for method, path, endpoint in calls_of(app) if method != "GET" and endpoint not in OPEN]
    theirs = {("POST", "/api/tokens"), ("DELETE", "/api/tokens/1")}
    sales = {("POST", path) for path in ("/api/transactions", "/api/imports/sales", "/api/imports/sales/1/confirm")}
    waiting = {("POST", f"/api/{what}/add_transaction") for what in ("dry-runs", "proposals")}
    decided = {("POST", f"/api/proposals/1/{act}") for act in ("approve", "decline")}
    allowed = {call for call in writes if call[1].startswith("/api/auth/")} | theirs | sales | waiting | decided
    answers = {call: viewer.call(*call, data="no JSON at all").status_code for call in writes if call not in allowed}
    assert answers == dict.fromkeys(answers, 403)
    assert len(answers) > 8


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api//services", "/api/services/", "/api/services/1/2"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_a_404_in_json(admin: Program, stranger: Program, method: str, path: str) -> None:
    for program in (admin, stranger):
        answer = program.call(method, path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        assert answer.json["error"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "text", ["abc", "0", "-1", "1.0", "99999999999999999999", "9" * 5000, "٢", "1e3", "%00", "2147483648"]
)
def test_what_cannot_be_an_id_is_a_404(admin: Program, text: str) -> None:
    for path in (f"/api/services/{text}", f"/api/components/{text}", f"/api/transactions/{text}"):
        answer = admin.get(path)
        assert answer.status_code == 404, path
        assert answer.json["error"] in ("SERVICE_NOT_FOUND", "COMPONENT_NOT_FOUND", "TRANSACTION_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/services/1", {"GET", "PUT", "DELETE", "HEAD", "OPTIONS"}),
        ("GET", "/api/auth/login", {"POST", "OPTIONS"}),
        ("POST", "/api/pnl", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_told_which_there_are(admin: Program, method: str, path: str, allowed: set[str]) -> None:
    answer = admin.call(method, path)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == allowed


def test_asking_for_the_methods_needs_no_token(app: Flask, stranger: Program) -> None:
    for path in {path for _, path, _ in calls_of(app)}:
        answer = stranger.call("OPTIONS", path)
        assert (answer.status_code, answer.data) == (204, b""), path
        assert "OPTIONS" in answer.headers["Allow"]


def test_health_takes_no_other_method_and_asks_for_no_form_token(stranger: Program) -> None:
    answer = stranger.call("PUT", "/health")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_every_answer_carries_the_protecting_headers_and_its_id(admin: Program) -> None:
    mine = "6f0b1c1e-4f4e-4b43-9d30-9f3b0c6e6f00"
    for path in ("/api/services", "/api/services/77", "/api/nothing", "/api/openapi.json"):
        answer = admin.call("GET", path, {"X-Request-Id": mine})
        assert answer.headers["X-Request-Id"] == mine
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    refused = admin.call("GET", "/api/services/77", {"X-Request-Id": "<script>"})
    assert refused.json["instance"] == f"urn:uuid:{refused.headers['X-Request-Id']}"
    assert "script" not in refused.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("month=2026-11&month=2026-12", "month"), ("months=2026-11", "months"), ("month=2026-13", "month")],
)
def test_a_parameter_that_is_doubled_unknown_or_wrong_is_refused(admin: Program, query: str, field: str) -> None:
    answer = admin.get(f"/api/pnl?{query}")
    assert answer.status_code == 422
    assert [issue["pointer"] for issue in answer.json["errors"]] == [f"#/{field}"]


def test_a_call_without_parameters_takes_none(admin: Program) -> None:
    assert admin.get("/api/dashboard?month=2026-11").status_code == 422


@pytest.mark.parametrize("month", ["2026-00", "2026-1", "26-01", "٢٠٢٦-٠١", "2026-11%0A", "", "0000-01", "2026-11-01"])
def test_a_month_is_four_digits_a_dash_and_two(admin: Program, month: str) -> None:
    assert admin.get(f"/api/pnl?month={month}").status_code == 422
    assert admin.get(f"/api/transactions?month={month}").status_code == 422


def test_a_fault_of_ours_shows_a_code_and_nothing_else(app: Flask, admin: Program) -> None:
    def broken() -> str:
        raise RuntimeError("the password is swordfish")

    app.view_functions["api.get_dashboard"] = broken
    answer = admin.get("/api/dashboard")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "swordfish" not in answer.text
    assert answer.json["fault"] in answer.json["detail"]
