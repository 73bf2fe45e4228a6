"""Forms that are sent twice: what they make is made once, and the second time gets the answer of the first."""

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from typing_extensions import override

from tests import make
from tests.domain.books import everything
from tests.web.conftest import csrf, htmx, partials, sign_in
from vela.db import Database
from vela.domain.catalog.commands import activate, deactivate
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.expenses import remove_expense
from vela.domain.ledger.queries import transactions
from vela.seeding import seed_demo

KEY = {"idempotency_key": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
SALE = {"service_id": "1", "quantity": "2", "month": "2026-11", "notes": ""}
SOLD = "/transactions?month=2026-11"
PART = {"name": "SSD", "quantity": "1", "unit_cost": "1", "unit_sell": "2", "notes": ""}
MAKING: list[tuple[str, dict[str, str]]] = [
    ("/transactions", SALE),
    ("/transactions/1/reinstate", {}),
    ("/offers/1/components", PART),
    ("/offers/1/discount", {}),
    ("/offers/1/revisions/2/undo", {}),
    ("/offers/1/revisions/1/restore", {}),
    ("/profit/expenses?month=2026-11", {"name": "Power", "amount": "450.50", "first_month": "", "last_month": ""}),
    ("/profit/expenses/1/from?month=2026-11", {"amount": "5", "month": "2026-11"}),
    ("/profit/expenses/2/put-back?month=2026-11", {}),
    ("/settings/users", {"username": "nadia", "display_name": "", "password": make.PASSWORD, "role": "viewer"}),
]


@pytest.fixture
def books(database: Database) -> None:
    """An offer with a change and a list price, a voided sale, an expense and one that was removed."""
    with database.transaction() as session:
        atlas = make.offer(session, "Atlas", ("HDD", 600, 1000), list_sell=900)
        make.component(session, atlas, "RAM", 300, 500)
        void_sale(session, make.admin(), make.sale(session, atlas).id)
        for name in ("Rent", "Water"):
            make.expense(session, name, 800)
        remove_expense(session, make.admin(), 2)


def books_of(database: Database) -> dict[str, list[Any]]:
    """Everything but who is signed in."""
    return {name: rows for name, rows in everything(database).items() if name not in ("sign_ins", "failed_tries")}


def send(client: FlaskClient, path: str, words: dict[str, str], key: dict[str, str] = KEY) -> Any:
    return client.post(path, data={"csrf_token": csrf(client), **key, **words})


def untokened(html: str) -> str:
    """An answer without the forms' token, which says when it was made."""
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", html)


@pytest.mark.usefixtures("books")
def test_no_token_of_a_browser_is_kept(admin: FlaskClient, database: Database) -> None:
    answered = htmx(admin, "POST", "/transactions", KEY | SALE, source="form#new-sale", page=SOLD).text
    tokens = set(re.findall(r'name="csrf_token" value="([^"]+)"', answered))
    assert len(tokens) == 1
    with database.reading() as session:
        kept = session.scalars(select(KeptAnswer)).one()
        assert kept.body
        held = zlib.decompress(base64.b64decode(kept.body)).decode()
    assert not any(token in held for token in tokens)


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(("path", "words"), MAKING)
def test_sent_again_by_htmx_it_gets_the_same_parts(
    admin: FlaskClient, database: Database, path: str, words: dict[str, str]
) -> None:
    source = "form#new-sale" if path == "/transactions" else ""
    first = htmx(admin, "POST", path, KEY | words, source=source)
    assert first.status_code == 200, first.text
    made = books_of(database)
    again = htmx(admin, "POST", path, KEY | words, source=source)
    assert (again.status_code, untokened(again.text)) == (200, untokened(first.text))
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert books_of(database) == made


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(("path", "words"), [*MAKING, ("/offers", {"name": "Rif"})])
def test_sent_again_without_script_it_leads_to_the_same_page_and_says_so(
    admin: FlaskClient, database: Database, path: str, words: dict[str, str]
) -> None:
    first = send(admin, path, words)
    assert first.status_code == 303, first.text
    made = books_of(database)
    again = send(admin, path, words)
    assert (again.status_code, again.location) == (303, first.location)
    assert "That was done already, once." in admin.get(again.location).text
    assert books_of(database) == made


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("path", "words"), [*MAKING, ("/offers", {"name": "Rif"}), ("/account/tokens", {"name": "Cron"})]
)
def test_a_form_without_a_key_is_too_old_to_save_from(
    admin: FlaskClient, database: Database, path: str, words: dict[str, str]
) -> None:
    before = books_of(database)
    for key in ({}, {"idempotency_key": ""}, {"idempotency_key": "x" * 201}, {"idempotency_key": "ключ"}):
        refused = send(admin, path, words, key)
        assert refused.status_code == 400
        assert "This page is too old to save from" in refused.text
    assert books_of(database) == before


@pytest.mark.usefixtures("books")
def test_two_equal_sales_are_recorded_in_a_row_with_the_fresh_key(admin: FlaskClient, database: Database) -> None:
    first = htmx(admin, "POST", "/transactions", KEY | SALE, source="form#new-sale")
    fresh = re.search(r'value="([0-9a-f-]{36})"', partials(first)["new-sale-once"])
    assert fresh
    assert fresh[1] != KEY["idempotency_key"]
    assert htmx(admin, "POST", "/transactions", SALE | {"idempotency_key": fresh[1]}).status_code == 200
    with database.reading() as session:
        assert len(transactions(session)) == 2


@pytest.mark.usefixtures("books")
def test_a_refused_form_keeps_its_key(admin: FlaskClient, database: Database) -> None:
    refused = htmx(admin, "POST", "/transactions", KEY | SALE | {"quantity": "0"}, source="form#new-sale")
    assert refused.status_code == 422
    assert "new-sale-once" not in partials(refused)
    with database.transaction() as session:
        deactivate(session, make.admin(), 1)
    assert htmx(admin, "POST", "/transactions", KEY | SALE).status_code == 409
    with database.transaction() as session:
        activate(session, make.admin(), 1)
    assert htmx(admin, "POST", "/transactions", KEY | SALE).status_code == 200


@pytest.mark.usefixtures("books")
def test_other_words_after_a_lost_answer_are_held_back_and_go_with_a_fresh_key(
    admin: FlaskClient, database: Database
) -> None:
    htmx(admin, "POST", "/transactions", KEY | SALE)
    other = SALE | {"quantity": "3"}
    told = htmx(admin, "POST", "/transactions", KEY | other, source="form#new-sale")
    assert told.status_code == 409
    parts = partials(told)
    assert "What this page sent before was saved after all." in parts["notices"]
    fresh = re.search(r'value="([0-9a-f-]{36})"', parts["new-sale-once"])
    assert fresh
    plain = send(admin, "/transactions", other)
    assert plain.status_code == 409
    assert 'value="3"' in plain.text
    assert KEY["idempotency_key"] not in plain.text
    with database.reading() as session:
        assert len(transactions(session)) == 1
    assert htmx(admin, "POST", "/transactions", other | {"idempotency_key": fresh[1]}).status_code == 200


def test_a_new_token_is_shown_once_and_kept_nowhere(admin: FlaskClient, database: Database) -> None:
    first = htmx(admin, "POST", "/account/tokens", KEY | {"name": "Cron"}, source="form#token-new")
    secret = re.search(r"vela_pat_[\w-]{20,}", first.text)
    assert secret
    again = htmx(admin, "POST", "/account/tokens", KEY | {"name": "Cron"}, source="form#token-new")
    assert again.headers["HX-Redirect"] == "/account#tokens"
    page = admin.get("/account").text
    assert "its secret was shown then" in page
    assert secret[0] not in page
    assert secret[0] not in str(everything(database))
    with database.reading() as session:
        assert session.scalars(select(KeptAnswer.body)).all() == [""]
    assert "vela_pat_" in send(admin, "/account/tokens", {"name": "Two"}, {"idempotency_key": "two"}).text
    assert send(admin, "/account/tokens", {"name": "Two"}, {"idempotency_key": "two"}).status_code == 303


@pytest.mark.usefixtures("books")
def test_a_password_is_part_of_what_was_said_but_not_of_what_is_kept(admin: FlaskClient) -> None:
    path, words = MAKING[-1]
    assert htmx(admin, "POST", path, KEY | words).status_code == 200
    assert htmx(admin, "POST", path, KEY | words | {"password": "another quiet stone"}).status_code == 409


@pytest.mark.usefixtures("books")
def test_fifty_at_once_record_one_sale_and_hear_the_same(app: Flask, admin: FlaskClient, database: Database) -> None:
    clients = [app.test_client() for _ in range(50)]
    token = csrf(admin)
    headers = {"HX-Request": "true", "HX-Source": "form#new-sale", "X-CSRFToken": token}
    for client in clients:
        for name in ("token", "forms"):
            cookie = admin.get_cookie(name)
            assert cookie
            client.set_cookie(name, cookie.value)
    barrier = Barrier(len(clients))

    def start(client: FlaskClient) -> tuple[int, bytes]:
        barrier.wait()
        answer = client.post("/transactions", data=KEY | SALE, headers=headers)
        return answer.status_code, re.sub(rb'name="csrf_token" value="[^"]+"', b"", answer.data)  # dated to the second

    with ThreadPoolExecutor(len(clients)) as threads:
        answers = Counter(threads.map(start, clients))
    assert list(answers.values()) == [50]
    assert next(iter(answers))[0] == 200
    with database.reading() as session:
        assert len(transactions(session)) == 1


def test_who_may_not_do_it_is_refused_whatever_the_key(viewer: FlaskClient, books: None, database: Database) -> None:
    before = books_of(database)
    allowed = ("/transactions", "/account/tokens")
    for path, words in MAKING:
        if path not in allowed:
            assert send(viewer, path, words).status_code == 403, path
    assert books_of(database) == before


# ---------- every form on every page


class Forms(HTMLParser):
    """The forms of a page that post: where to, and the names of their fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self.inside = False
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.inside = said.get("method") == "post"
            if self.inside:
                self.found.append((said.get("action") or "", set()))
        elif self.inside and said.get("name"):
            self.found[-1][1].add(said["name"] or "")

    @override
    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


PAGES = (
    "/offers/new", "/offers/2?add=1", "/offers/2/history", "/transactions", "/transactions?voided=1", "/profit",
    "/profit/months/2026-01/close", "/settings", "/account", "/settings/users/2/tokens",
)  # fmt: skip


def forms_of(client: FlaskClient) -> Iterator[tuple[str, set[str]]]:
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        yield from Forms(answer.text).found


def test_every_form_whose_act_asks_for_a_key_carries_one(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
    client = sign_in(app, "admin", "admin123")
    forms = dict(forms_of(client))
    asking: set[str] = set()
    for path, names in forms.items():
        told = client.post(path, data={"csrf_token": csrf(client)}).text if "logout" not in path else ""
        if "too old to save from" in told:
            asking.add(path.partition("?")[0])
            assert "idempotency_key" in names, path
        assert "csrf_token" in names, path
    assert {"/offers", "/offers/2/components", "/transactions", "/profit/expenses"} <= asking
    assert "idempotency_key" in forms["/settings/users"]  # which looks at what was typed first
    assert {"/account/tokens", "/settings/users/2/tokens"} <= asking
