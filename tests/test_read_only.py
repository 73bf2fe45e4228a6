"""Read-only books: every act on every face is refused in the same words and stores nothing; looking goes on."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests import make
from tests.api.conftest import signed_in
from tests.api.test_curl_lines import Caller, curl_lines
from tests.domain.books import act, everything
from tests.mcp.conftest import Agent, token_of
from tests.web.conftest import htmx, partials, sign_in, submit
from vela import checking
from vela.db import Database
from vela.domain.audit import chain
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.intake import NewTransaction
from vela.intake import read
from vela.seeding import seed_offers

WHY = "The sums of October are wrong."
# What is no part of the books, and what only takes away a way in or out.
GOES_ON = re.compile(
    r"POST /api/(dry-runs/\w+|imports/\w+)|PUT /api/users/\d+(/password)?"
    r"|DELETE /api/(tokens/\d+|webhooks/\d+|users/\d+/sign-ins)"
    r"|DELETE /api/samples|POST /api/webhooks/\d+/replay"  # there is none to clear, and none to send again
)
COUNTED = ["services", "components", "revisions", "transactions", "operating_expenses", "proposals"]
COUNTED += ["webhooks", "webhook_deliveries"]
WHO_CAME = {"sign_ins", "personal_tokens", "failed_tries"}  # what signing in and being asked for writes


def books(database: Database) -> dict[str, Any]:
    return {table: rows for table, rows in everything(database).items() if table not in WHO_CAME}


def release(database: Database) -> None:
    """Let go of the books, and let PostgreSQL count on from where it was: what was refused has used up numbers."""
    act(database, chain.release)
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            for table in COUNTED:
                last = f"SELECT coalesce(max(id), 0) + 1 FROM {table}"  # noqa: S608
                connection.execute(text(f"SELECT setval('{table}_id_seq', ({last}), false)"))


def stop(database: Database) -> dict[str, Any]:
    act(database, chain.stop, WHY)
    return books(database)


@pytest.fixture
def people(database: Database) -> None:
    with database.transaction() as session:
        seed_offers(session)
        make.user(session, "salma", role="admin")
        make.user(session, "imane", role="viewer")
        make.sale(session, make.offer(session, "Sold"))


def test_every_call_of_the_api_that_changes_something_is_refused(app: Flask, database: Database, people: None) -> None:
    program = signed_in(app, "salma")
    caller = Caller(program)
    tried = 0
    for line in curl_lines():
        method, path, sent = caller.understood(line)
        if GOES_ON.fullmatch(f"{method} {path}"):
            stop(database)
            assert caller.send(line).status_code < 300, path
            release(database)
            continue
        if method != "GET" and not path.startswith("/api/auth/"):
            before = stop(database)
            answer = program.call(method, path, **sent)
            if "Idempotent-Replayed" in answer.headers:  # what was done before the stop is told again
                assert books(database) == before
                act(database, chain.release)
                continue
            assert (answer.status_code, answer.json.get("error")) == (503, "READ_ONLY"), (path, answer.text)
            assert WHY in answer.json["detail"]
            assert books(database) == before
            release(database)
            tried += 1
        assert caller.send(line).status_code < 300, path
    assert tried >= 15


def test_samples_stay_in_read_only_books(app: Flask, database: Database, people: None) -> None:
    with database.transaction() as session:
        words = read(NewTransaction, {"service_id": 1, "quantity": 1, "month": "2026-11"})
        record_sale(session, make.admin(), words, sample=True)
    before = stop(database)
    refused = signed_in(app, "salma").delete("/api/samples")
    assert (refused.status_code, refused.json["error"]) == (503, "READ_ONLY")
    assert books(database) == before


# Every form of the pages that changes the books, in an order in which each of them can be sent.
FORMS: list[tuple[str, dict[str, str]]] = [
    ("/offers", {"name": "New"}),
    ("/offers/1", {"description": "Two racks"}),
    ("/offers/1/components", {"name": "SSD", "unit_cost": "4", "unit_sell": "7"}),
    ("/offers/1/components/1", {"unit_cost": "601"}),
    ("/offers/1/components/1/move", {"position": "2"}),
    ("/offers/1/components/1/remove", {}),
    ("/offers/1/revisions/2/restore", {}),
    ("/offers/1/revisions/7/undo", {}),
    ("/offers/1/archive", {}),
    ("/offers/1/activate", {}),
    ("/transactions", {"service_id": "1", "quantity": "1", "month": "2026-11"}),
    ("/transactions/1/void", {}),
    ("/transactions/1/reinstate", {}),
    ("/profit/expenses", {"name": "Rent", "amount": "10"}),
    ("/profit/expenses/1", {"amount": "900"}),
    ("/profit/expenses/1/from", {"amount": "950", "month": "2026-11"}),
    ("/profit/expenses/1/remove", {}),
    ("/profit/expenses/1/put-back", {}),
    ("/profit/months/2026-10/close", {"reason": "Handed in"}),
    ("/profit/months/2026-10/reopen", {"reason": "A sale was forgotten"}),
    ("/settings/users", {"username": "nadia", "display_name": "Nadia", "password": make.PASSWORD, "role": "viewer"}),
    ("/settings/users/2", {"display_name": "Y"}),
    ("/settings/workspace", {"name": "Books"}),
    ("/account/tokens", {"name": "Laptop"}),
]


def test_every_form_that_changes_something_is_refused(app: Flask, database: Database, people: None) -> None:
    browser = sign_in(app, "salma")
    for path, data in FORMS:
        before = stop(database)
        plain = submit(browser, path, data)
        assert plain.status_code == 503, (path, plain.text)
        assert WHY in plain.text
        scripted = htmx(browser, "POST", path, data)
        assert scripted.status_code == 503, path
        assert WHY in partials(scripted)["notices"]
        assert books(database) == before, path
        act(database, chain.release)
        assert submit(browser, path, data).status_code in (201, 303), path


TOOLS: list[tuple[str, dict[str, Any]]] = [
    ("add_component", {"service_id": 1, "name": "SSD", "unit_cost": 4, "unit_sell": 7}),
    ("update_component", {"component_id": 1, "unit_cost": 601}),
    ("delete_component", {"component_id": 1}),
    ("undo_change", {"service_id": 1, "revision": 2}),
    ("add_transaction", {"service_id": 1, "quantity": 1, "month": "2026-10"}),
    ("void_transaction", {"transaction_id": 1}),
]


def test_every_tool_that_changes_something_is_refused(database: Database, people: None) -> None:
    agent = Agent(database, token_of(database, "salma"), "auto")
    changing = {tool.name for tool in agent.tools() if not (tool.annotations and tool.annotations.read_only_hint)}
    assert {tool for tool, _words in TOOLS} == changing
    for tool, words in TOOLS:
        before = stop(database)
        problem, text = agent.refusal(tool, **words)
        assert (problem["error"], problem["status"]) == ("READ_ONLY", 503)
        assert WHY in text
        assert books(database) == before
        assert agent.answer("get_pnl", month="2026-11")["total_revenue"] == 1000
        act(database, chain.release)
        agent.answer(tool, **words)


@pytest.mark.parametrize("username", ["salma", "imane"])
def test_looking_signing_in_and_signing_out_go_on(app: Flask, database: Database, people: None, username: str) -> None:
    stop(database)
    browser = sign_in(app, username)
    for path in ("/", "/offers", "/offers/1", "/transactions?month=2026-11", "/profit", "/account"):
        page = browser.get(path)
        assert page.status_code == 200, path
        banner = re.search(r'<div class="v-stopped" role="alert">(.*?)</div>', page.text, re.DOTALL)
        assert banner, path
        assert WHY in banner[1]
        assert ("/settings/books" in banner[1]) == (username == "salma")
    assert submit(browser, "/logout").status_code == 303
    program = signed_in(app, username)
    for path in ("/api/services", "/api/pnl", "/api/transactions", "/api/dashboard", "/api/months"):
        assert program.get(path).status_code == 200, path
    assert program.post("/api/auth/logout").status_code < 300


def test_the_banner_goes_when_a_check_finds_nothing(app: Flask, database: Database, people: None) -> None:
    browser = sign_in(app, "imane")
    assert "v-stopped" not in browser.get("/").text
    stop(database)
    assert "v-stopped" in browser.get("/").text
    assert checking.check(database) == []
    assert "v-stopped" not in browser.get("/").text


def test_a_page_of_refusal_says_why_in_the_frame_of_the_product(app: Flask, database: Database, people: None) -> None:
    browser = sign_in(app, "salma")
    stop(database)
    refused = submit(browser, "/settings/workspace", {"name": "Books"})
    assert refused.status_code == 503
    assert ">Read-only</h1>" in refused.text
    assert "v-side" in refused.text


def test_doors_are_closed_in_read_only_books_and_none_is_opened(app: Flask, database: Database, people: None) -> None:
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.user(session, "newcomer").must_change_password = True
    token_of(database, "imane")
    browser = sign_in(app, "salma")
    stop(database)
    for path, data in (
        ("/account/tokens/1/revoke", {}),
        ("/settings/users/2/password", {"password": "quiet river stone"}),
        ("/settings/users/2", {"may_record_sales": "false"}),
        ("/settings/users/2", {"active": "false"}),
        ("/settings/users/3", {"role": "viewer"}),
    ):
        assert submit(browser, path, data).status_code == 303, path
    before = books(database)
    for path, data in (
        ("/settings/users/2", {"active": "true"}),
        ("/settings/users/3", {"role": "admin"}),
        ("/settings/users/2", {"may_record_sales": "true"}),
        ("/settings/users/3", {"active": "false", "display_name": "N"}),
    ):
        assert submit(browser, path, data).status_code == 503, path
    assert books(database) == before
    words = {"current_password": make.PASSWORD, "new_password": "quiet river pebble"}
    assert submit(browser, "/account/password", words).status_code == 303
    locked_in = sign_in(app, "newcomer")
    assert locked_in.get("/").headers["Location"] == "/account/password"
    assert submit(locked_in, "/account/password", words).headers["Location"] == "/"
    assert locked_in.get("/").status_code == 200
