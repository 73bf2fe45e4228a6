"""No English in another language: every page of the demo in Russian holds Latin letters only where data does."""

import re
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from typing_extensions import override

from tests import make
from tests.web.conftest import htmx, sign_in, submit
from vela.db import Database
from vela.domain.people.queries import user_named
from vela.domain.workspace.intake import currencies, time_zones
from vela.seeding import seed_demo

PAGES = (
    "/", "/?month=2020-01", "/offers", "/offers?q=nothing", "/offers?status=archived", "/offers/new", "/offers/2",
    "/offers/2?add=1", "/offers/2/history", "/transactions", "/transactions?month=2020-01", "/transactions?voided=1",
    "/profit", "/profit/months/2026-10/close", "/settings", "/settings/books", "/account",
    "/account/confirm", "/samples/clear", "/nowhere", "/profit?month=banana",
    "/help", "/help/keys", "/find", "/find?q=atlas", "/find?q=ничего", "/settings/trail", "/settings/users/2/tokens",
    "/settings/webhooks", "/settings/webhooks/1",
    "/offers/1/compare?a=1&b=3", "/offers/1/compare?a=3&b=1", "/offers/2/compare",
    "/offers/import", "/transactions/import", "/transactions/1", "/proposals", "/proposals/1", "/proposals/2",
    "/profit?by=quarter", "/profit?by=year", "/profit?by=quarter&to=2026-Q3", "/profit?by=year&to=banana",
    "/profit/cost?month=2026-10", "/profit/opex?month=2026-10", "/profit/result?month=2026-10",
    "/profit/cost?from=2026-07&to=2026-09", "/profit/opex?from=2026-07&to=2026-09",
    "/profit/result?from=2026-07&to=2026-09",
)  # fmt: skip
# What is written the same in every language: names, keys, formats, and what the books themselves hold.
NAMES = {
    "vela", "mad", "csv", "xlsx", "json", "pdf", "api", "mcp", "ctrl", "enter", "esc", "tab", "alt", "f2", "h",
    "english", "español", "français", "africa", "casablanca", "admin", "viewer", "k", "id", "https", "http", "url",
    "example", "com", "hooks",  # an address as one is written
    "standard", "webhooks", "webhook", "ping",  # a specification, and words of it
    "sb", "python",  # initials, and what the test calls itself as a browser
    "udi", "wir",  # currencies, whose names hold them
}  # fmt: skip
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
COMMAND = re.compile(r"«vela [^»]*»")
FILES = (
    "/offers", "/offers/components", "/offers/2", "/offers/2/history", "/transactions", "/profit", "/profit/expenses",
    "/settings/trail",
)  # fmt: skip
SAID = ("aria-label", "title", "placeholder", "alt", "content")


class Text(HTMLParser):
    """What a reader of a page sees or hears, apart from what is marked as data or code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.closed: list[str] = []
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "kbd", "datalist"):
            self.closed.append(tag)
        self.found += [value for name, value in attrs if name in SAID and value and tag != "meta"]

    @override
    def handle_endtag(self, tag: str) -> None:
        if self.closed and self.closed[-1] == tag:
            self.closed.pop()

    @override
    def handle_data(self, data: str) -> None:
        if not self.closed:
            self.found.append(data)


def data_of(database: Database) -> set[str]:
    """Every Latin word that stands in the books."""
    with database.engine.connect() as connection:
        held: list[Any] = []
        for table in (
            "services",
            "components",
            "transactions",
            "operating_expenses",
            "users",
            "workspace",
            "revisions",
            "proposals",
            "webhook_events",
        ):
            held += connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608  names of our own
    texts = [value for row in held for value in row if isinstance(value, str)]
    return {word.lower() for text in (*texts, *time_zones(), *currencies()) for word in WORD.findall(text)}


@pytest.fixture
def russian(app: Flask, database: Database) -> FlaskClient:
    """The browser of the demo's admin, who reads Russian."""
    with database.transaction() as session:
        seed_demo(session)
        _propose(session)
        make.webhook(session)
    client = sign_in(app, "admin", "admin123")
    submit(client, "/account/preferences", {"language": "ru", "single_keys": "on"})
    return client


def _propose(session: Session) -> None:
    admin = user_named(session, "admin")
    assert admin is not None
    make.proposal(session, admin, "add_component", service_id=2, name="SSD", unit_cost=100, unit_sell=180)
    make.proposal(session, admin, "add_transaction", service_id=1, quantity=2, month="2026-11")


def english(html: str, known: set[str]) -> set[str]:
    words = {word.lower() for text in Text(html).found for word in WORD.findall(COMMAND.sub("", text))}
    return words - known


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_speaks_two_languages(russian: FlaskClient, database: Database) -> None:
    htmx(russian, "PATCH", "/offers/1/components/1", {"unit_cost": "610", "version": "1"}, source="form#it")
    htmx(russian, "DELETE", "/offers/1/components/2?version=1", source="form#it")
    known = NAMES | data_of(database)
    leaks = {path: english(russian.get(path).text, known) for path in PAGES}
    assert {path: words for path, words in leaks.items() if words} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_heading_of_a_file_does(russian: FlaskClient) -> None:
    headings = {path: russian.get(f"{path}.csv").text.splitlines()[0] for path in FILES}
    assert [path for path, words in headings.items() if not re.search("[а-яё]{3}", words)] == []
    leaks = {
        path: {word for word in WORD.findall(words) if word.lower() not in NAMES} for path, words in headings.items()
    }
    assert {path: words for path, words in leaks.items() if words} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_look_at_a_file_does(russian: FlaskClient, database: Database) -> None:
    known = NAMES | data_of(database)
    leaks: dict[str, set[str]] = {}
    for area, text in (
        ("offers", russian.get("/offers/components.csv").text),
        ("offers", "Предложение;Компонент;Цвет\nНовое;Диск;1\n"),
        ("transactions", "Предложение;Количество;Месяц\nAtlas;2;2026-10\nНет такого;x;2026-13\n"),
        ("transactions", ""),
    ):
        answer = submit(russian, f"/{area}/import", {"file": (BytesIO(text.encode()), "books.csv")})
        seen = russian.get(answer.location).text if answer.location else answer.text
        assert re.search("[а-яё]{3}", seen)
        leaks[f"{area} {text[:30]}"] = english(seen, known) - {"books"}
    assert {what: words for what, words in leaks.items() if words} == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_answer_or_refusal_does(russian: FlaskClient, database: Database) -> None:
    known = NAMES | data_of(database)
    acts: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("PATCH", "/offers/1/components/1", {"unit_cost": "abc", "version": "1"}),
        ("PATCH", "/offers/1/components/1", {"unit_cost": "99999999999999", "version": "1"}),
        ("PATCH", "/offers/1/components/1", {"unit_cost": "1.1234567", "version": "1"}),
        ("PATCH", "/offers/1/components/1", {"unit_cost": "610", "version": "1"}),
        ("PATCH", "/offers/1/components/1", {"unit_cost": "620", "version": "1"}),
        ("PATCH", "/offers/1/components/1", {"name": "", "version": "2"}),
        ("DELETE", "/offers/1/components/2?version=1", {}),
        ("POST", "/offers/1/revisions/1/undo", {}),
        ("POST", "/offers", {"name": "Rif"}),
        ("POST", "/transactions", {"service_id": "1", "quantity": "0", "month": "2026-10"}),
        ("POST", "/transactions", {"service_id": "999", "quantity": "1", "month": "2026-10"}),
        ("POST", "/transactions", {"service_id": "1", "quantity": "1", "month": "2026-13"}),
        ("POST", "/profit/expenses", {"name": "", "amount": "x"}),
        ("PATCH", "/settings/users/1", {"role": "viewer", "version": "1"}),
        ("POST", "/settings/users", {"username": "A B", "password": "short"}),
        ("POST", "/account/password", {"current_password": "wrong", "new_password": "short"}),
        ("POST", "/offers/1/what-if", {"percent": "abc"}),
        ("DELETE", "/transactions/1", {}),
    )
    leaks: dict[str, set[str]] = {}
    for method, path, said in acts:
        answer = htmx(russian, method, path, said, source="form#it")
        assert re.search("[а-яё]{3}", answer.text), (path, said, answer.status_code)
        words = english(answer.text, known)
        if words:
            leaks[f"{method} {path} {said} {answer.status_code}"] = words
    assert leaks == {}
