"""A real browser on a real server: the demo on a file of its own for each test, and people who have signed in."""

import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

from tests import make, services
from vela import schema
from vela.app import create_app, furnish
from vela.clock import today
from vela.db import Database
from vela.domain.people import signins
from vela.domain.people.queries import user_named
from vela.periods import Month
from vela.seeding import seed_demo, seed_essentials
from vela.settings import Settings
from vela.signin import tickets
from vela.wiring import wire

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 1000}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SIZES = {"wide": WIDE, "phone": PHONE}
PASSWORDS = {"admin": "admin123", "viewer": "viewer123"}
expect.set_options(timeout=20_000)

Open = Callable[..., Page]


def this_month() -> Month:
    """The present month of the demo's books. A browser keeps the real time, so no test sets another."""
    return Month.of(today("Africa/Casablanca"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": services.chromium_path(), "args": list(FLAGS)}


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("demo") / "vela.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
        seed_demo(session)
        admin = user_named(session, "admin")
        assert admin is not None
        make.proposal(session, admin, "add_component", service_id=2, name="SSD (2TB)", unit_cost=700, unit_sell=1200)
        words = {"service_id": 1, "quantity": 2, "month": str(this_month()), "notes": "Order 7"}
        make.proposal(session, admin, "add_transaction", **words)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def server(demo_file: Path, tmp_path: Path) -> Iterator[str]:
    """A Vela that serves the demo to several threads; its address."""
    shutil.copy(demo_file, tmp_path / "vela.db")
    with served(tmp_path) as address:
        yield address


PUT_TOGETHER: list[Flask] = []
"""The application, once it has been put together: its routes and templates take longer than many a test does."""


def furnished(settings: Settings) -> Flask:
    """The application with these settings and their books, until the next test has it."""
    if PUT_TOGETHER:
        furnish(PUT_TOGETHER[0], wire(settings))
    else:
        PUT_TOGETHER.append(create_app(settings))
    return PUT_TOGETHER[0]


@contextmanager
def served(tmp_path: Path, **settings: str) -> Iterator[str]:
    """A Vela that serves the books in a folder, with more settings if need be; its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = furnished(Settings.from_environment({"VELA_DATA_DIR": str(tmp_path)} | settings))
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
        app.extensions["vela"].database.close()


def ticket_of(username: str, tmp_path: Path) -> str:
    """What the cookie of somebody who has just signed in to the books of a folder holds."""
    settings = Settings.from_environment({"VELA_DATA_DIR": str(tmp_path)})
    database = Database(settings.database_url)
    with database.transaction() as session:
        user = user_named(session, username)
        assert user is not None
        row, key = signins.open_sign_in(session, user, "a browser")
        ticket = tickets.token_of(row, key, tickets.PAGES, settings.secret())
    database.close()
    return ticket


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers complain about during a test; nothing may be left of it at the end."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def signed_in(browser: Browser, server: str, tmp_path: Path, complaints: list[str]) -> Iterator[Open]:
    """Opens a page as somebody who has just signed in: `signed_in("admin", "/offers", **PHONE)`.

    They come with the cookie that the form would have given them; the form itself has tests of its own.
    """
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        # A browser notes every refused or broken request; what that looks like on the page is up to each test.
        expected = re.search("Failed to (load resource|fetch)", message.text)
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    def open_page(username: str, path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=server, **(WIDE | options))
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        context.add_cookies([{"name": tickets.COOKIE, "value": ticket_of(username, tmp_path), "url": server}])
        page.goto(path)
        expect(page).to_have_url(f"{server}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
