"""Whatever people call things, a browser shows it as text: nothing runs, nothing is fetched, no policy is touched."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request
from sqlalchemy.orm import Session

from tests import make
from tests.browser.conftest import Open, this_month
from vela.app import create_app
from vela.db import Database
from vela.domain.catalog.models import Service
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.expenses import add_expense
from vela.domain.ledger.intake import NewExpense, NewTransaction
from vela.domain.people.intake import NewToken
from vela.domain.people.signins import create_token
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.settings import change_workspace
from vela.errors import Invalid
from vela.intake import read
from vela.settings import Settings

RUN = "window.pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>", f"\"><script>{RUN}</script>", f"'><img src=x onerror={RUN}>",
    f"\" onmouseover=\"{RUN}", f"' onfocus='{RUN}' autofocus='", "\" hx-get=\"/logout\" hx-trigger=\"load",
    "<div hx-get=/logout hx-trigger=load></div>", "<hx-partial hx-target=\"#main\">gone</hx-partial>",
    f"<body onload={RUN}>", f"<iframe src=\"javascript:{RUN}\">", f"<a href=\"javascript:{RUN}\">x</a>",
    f"javascript:{RUN}", f"data:text/html,<script>{RUN}</script>", "{{7*7}}", "{{ config }}", "{% raw %}", "${7*7}",
    "#{7*7}", "<%= 7*7 %>", f"<details open ontoggle={RUN}>", f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}>", f"<math><mtext></p><img src=x onerror={RUN}>", "<!--", "]]>", "</textarea>",
    "</title><h1>x", "</template><h1>x", "<style>*{display:none}</style>", "<link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;url=//evil.example>", "&lt;b&gt;",
    "%3Cscript%3E", "\\u003cscript\\u003e", f"<form action=//evil.example><button>{RUN}",
    "=1+1", "@SUM(1)", "+cmd|' /C calc'!A0",
)  # fmt: skip
TOLD = (
    "document.addEventListener('securitypolicyviolation', event => console.error('POLICY ' + event.violatedDirective))"
)
ITEMS = "[onerror],[onload],[onfocus],[onmouseover],[ontoggle],[hx-get='/logout'],iframe,base,#main hx-partial"


def call_everything(folder: Path) -> None:
    """Every text that Vela keeps says something hostile, where it may be said at all."""
    database = Database(f"sqlite:///{folder}/vela.db")
    for words in PAYLOADS:
        with suppress(Invalid), database.transaction() as session:
            call_one(session, words)
    with database.transaction() as session:
        change_workspace(session, make.admin(), read(WorkspaceChanges, {"name": PAYLOADS[0]}))
    database.close()


def call_one(session: Session, words: str) -> None:
    line = {"name": words, "group": words[:40], "notes": words, "unit_cost": 1, "unit_sell": 2}
    offer = make.offer(session, words, description=words, components=[line])
    make.component(session, session.get_one(Service, 1), words, group=words[:40], notes=words)
    sale = {"service_id": offer.id, "month": str(this_month()), "notes": words}
    record_sale(session, make.admin(), read(NewTransaction, sale))
    add_expense(session, make.admin(), read(NewExpense, {"name": words, "amount": 1, "notes": words}))
    user = make.user(session, f"user{offer.id}", display_name=words)
    create_token(session, make.admin(), user, read(NewToken, {"name": words}))


def pages(folder: Path) -> list[str]:
    """The address of every page that there is; where one thing is asked for, of the first and of a hostile one."""
    app = create_app(Settings.from_environment({"VELA_DATA_DIR": str(folder)}))
    found: list[str] = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/static", "/api/", "/metrics", "/health")):
            continue
        if rule.rule.endswith(FILES):
            continue
        numbers = ("1", "7") if rule.arguments else ("1",)
        found += [re.sub(r"<[^>]+>", number, rule.rule) for number in numbers]
    app.extensions["vela"].database.close()
    months = [f"{path}?month={this_month()}" for path in ("/transactions", "/profit", "/")]
    return sorted({*found, *months, "/api/docs"})


FILES = (".csv", ".xlsx", ".json", ".pdf", ".js")


@contextmanager
def watched(page: Page) -> Iterator[list[str]]:
    """What happens on a page that a visit alone does not explain."""
    seen: list[str] = []

    def asked(request: Request) -> None:
        path = re.sub(r"^http://127\.0\.0\.1:\d+", "", request.url)
        if not request.is_navigation_request() and not path.startswith(
            ("/static/", "/scripts/", "data:", "/api/openapi.json")
        ):
            seen.append(f"request {path}")
        elif request.is_navigation_request() and not path.startswith("/"):
            seen.append(f"navigation {path}")

    def heard(message: ConsoleMessage) -> None:
        if "POLICY" in message.text or "Content Security Policy" in message.text:
            seen.append(message.text)

    def asked_back(dialog: Dialog) -> None:
        seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("console", heard)
    page.on("dialog", asked_back)
    page.add_init_script(TOLD)
    yield seen


@pytest.fixture
def hostile(demo_file: Path, server: str, tmp_path: Path) -> Path:
    call_everything(tmp_path)
    return tmp_path


def test_hostile_names_are_text_everywhere(hostile: Path, signed_in: Open) -> None:
    page = signed_in("admin", "/account")
    with watched(page) as seen:
        for path in pages(hostile):
            page.goto(path)
            assert page.evaluate("window.pwned") is None, path
            assert page.locator(ITEMS).count() == 0, path
            assert seen == [], path
        page.goto("/offers")
        shown = {text.strip() for text in page.locator("a.v-rowlink").all_text_contents()}
        assert len(shown & set(PAYLOADS)) >= len(PAYLOADS) - 3


def test_what_runs_or_asks_would_be_seen(browser: Browser, server: str) -> None:
    page = browser.new_page()
    with watched(page) as seen:
        page.goto(f"{server}/login")
        page.evaluate("""async () => {
            document.body.insertAdjacentHTML("beforeend", "<img src=/x onerror=alert(1)>");
            await fetch("/elsewhere");
            alert("hello");
        }""")
    page.close()
    assert {"request /x", "request /elsewhere", "dialog hello"} <= set(seen)
    assert any("POLICY script-src-attr" in each for each in seen)
