"""Every template: markup that the page policy allows, and answers whose every part has its place on a page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from tests import make
from tests.web.conftest import PARTIAL, htmx, sign_in
from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.catalog.commands import remove_component
from vela.domain.ledger import queries as ledger
from vela.seeding import seed_demo

ROOT = Path(__file__).resolve().parent.parent / "vela" / "templates"
TEMPLATES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.html"))}

KNOWN = {
    "hx-get", "hx-post", "hx-patch", "hx-delete", "hx-trigger", "hx-target", "hx-swap", "hx-sync", "hx-include",
    "hx-select", "hx-headers", "hx-disable", "hx-preserve",
}  # fmt: skip
ATTRIBUTE = re.compile(r"""[\s"']((?:hx-|on|data-hx-)[\w:-]*)=""")
BARE = re.compile(r"""\s((?:data-)?hx-[\w:-]+)(?=[\s>])""")
IDS = re.compile(r'\sid="([^"]+)"')


def answers() -> list[str]:
    """The templates of answers to htmx, which hold partials and are no part of another."""
    return [name for name, text in TEMPLATES.items() if "<hx-partial" in text and _stands_alone(name)]


def _stands_alone(name: str) -> bool:
    return not Path(name).name.startswith("_") and "{% macro" not in TEMPLATES[name]


# ---------- what the policy of the pages allows


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_inline(name: str) -> None:
    text = TEMPLATES[name]
    assert re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle=|javascript:|\bjs:", text) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_attribute_that_htmx_does_not_know_or_would_evaluate(name: str) -> None:
    found_in = [*ATTRIBUTE.findall(TEMPLATES[name]), *BARE.findall(TEMPLATES[name])]
    attributes = {found.replace(":inherited", "") for found in found_in}
    assert attributes - KNOWN == set()
    assert re.findall(r'hx-trigger="[^"]*\[', TEMPLATES[name]) == []
    assert re.findall(r"hx-vals|hx-on", TEMPLATES[name]) == []


@pytest.mark.parametrize(
    "wrong", ['hx-disable-elt="this"', "hx-boost", 'data-hx-get="/"', 'hx-synch="this"', "hx-target:own='#a'"]
)
def test_a_misspelt_attribute_is_noticed(wrong: str) -> None:
    found = {
        each.replace(":inherited", "") for each in (*ATTRIBUTE.findall(f"<a {wrong} >"), *BARE.findall(f"<a {wrong} >"))
    }
    assert found - KNOWN


@pytest.mark.parametrize("name", [name for name, text in TEMPLATES.items() if "csrf() }}{{ once(" in text])
def test_a_form_that_makes_something_sends_one_request_at_a_time(name: str) -> None:
    tags = re.findall(
        r"<form\b(?:{{.*?}}|[^>{])*>(?=\s*(?:<fieldset.*?>\s*)?(?:{{ csrf\(\) }})?{{ once\()", TEMPLATES[name]
    )
    assert tags or "call change(" in TEMPLATES[name]
    assert [tag for tag in tags if "hx-post" in tag and "hx-sync" not in tag] == []


@pytest.mark.parametrize("name", answers())
def test_an_answer_holds_nothing_but_partials(name: str) -> None:
    rest = re.sub(r"<hx-partial.*?</hx-partial>|{#.*?#}", "", TEMPLATES[name], flags=re.DOTALL)
    assert re.findall(r"<(?!hx-partial)[a-z][^>]*>", re.sub(r"{[{%].*?[}%]}", "", rest, flags=re.DOTALL)) == []


# ---------- every part of every answer has its place


def pattern(target: str) -> re.Pattern[str]:
    """What a target as written in a template may become: `{{ dom_id(offer, 'cost') }}` is `offer-7-cost`."""
    parts = re.split(r"({{.*?}})", target)
    return re.compile("".join(_expression(part) if part.startswith("{{") else re.escape(part) for part in parts))


def _expression(text: str) -> str:
    named = re.fullmatch(r"{{ dom_id\((\w+)(?:, (.+))?\) }}", text)
    if not named:
        return r"[\w-]+"
    part = named[2] or ""
    literal = re.fullmatch(r"'([\w-]+)'", part)
    return r"[a-z]+-\d+" + (f"-{literal[1]}" if literal else r"-[\w-]+" if part else "")


def targets() -> Iterator[tuple[str, str]]:
    for name, text in TEMPLATES.items():
        for target in re.findall(r'<hx-partial hx-target="#((?:[^"{]|{{.*?}})+)"', text):
            yield name, target


@pytest.fixture
def demo(app: Flask, database: Database) -> FlaskClient:
    """The browser of the demo's admin."""
    with database.transaction() as session:
        seed_demo(session)
        make.webhook(session)
    return sign_in(app, "admin", "admin123")


PAGES = (
    "/", "/offers", "/offers?q=nothing", "/offers/new", "/offers/2", "/offers/2?add=1", "/offers/2/history",
    "/transactions", "/profit", "/settings", "/account", "/account/confirm",
    "/settings/webhooks", "/settings/webhooks/1",
)  # fmt: skip


def ids(html: str) -> set[str]:
    return set(IDS.findall(html))


def test_every_target_stands_on_a_page(demo: FlaskClient) -> None:
    known: set[str] = {"toast-news"}  # a toast that is only there when somebody else changed the offer too
    for page in PAGES:
        response = demo.get(page)
        assert response.status_code == 200, page
        found = IDS.findall(response.text)
        assert len(found) == len(set(found)), (page, sorted({each for each in found if found.count(each) > 1}))
        known |= set(found)
    known |= {
        each for page, method, path, said in acts(demo) for each in ids(htmx(demo, method, path, said, page=page).text)
    }
    homeless = [(name, target) for name, target in targets() if not any(map(pattern(target).fullmatch, known))]
    assert homeless == []


Act = tuple[str, str, str, dict[str, Any]]


def acts(client: FlaskClient) -> list[Act]:
    """One request for each answer: the page it is asked from, the method, the path, the words."""
    offer = client.get("/offers/2").text
    part, other = re.findall(r'id="component-(\d+)"', offer)[:2]
    sale = re.findall(r'id="sale-(\d+)"', client.get("/transactions").text)[0]
    here, grid = "/offers/2", "/offers/2/components"
    sold = {"service_id": "1", "quantity": "1", "month": "2026-11", "notes": ""}
    return [
        ("/offers", "GET", "/offers/1/parts", {}),
        (here, "POST", "/offers/2/what-if", {"cost_change": "10", "sell_change": "0", "only": ""}),
        (here, "PATCH", f"{grid}/{part}", {"unit_cost": "601"}),
        (here, "PATCH", f"{grid}/{part}", {"unit_cost": "601"}),
        (here, "POST", "/offers/2/revisions/2/undo", {}),
        (here, "POST", f"{grid}/{part}/move", {"position": "2"}),
        (here, "POST", grid, {"name": "NVMe", "unit_cost": "1", "unit_sell": "2"}),
        (here, "POST", "/offers/2/paste", {"at": "name", "block": "Rail\t1\t1\t2", "rows": ""}),
        (here, "PATCH", "/offers/2", {"name": "Toubkal"}),
        (here, "POST", "/offers/2/archive", {}),
        (here, "POST", "/offers/2/activate", {}),
        (here, "DELETE", f"{grid}/{other}", {}),
        ("/transactions", "GET", "/transactions/preview", {"service_id": "1", "quantity": "1"}),
        ("/transactions", "POST", "/transactions", sold),
        ("/transactions", "POST", "/transactions", sold | {"month": "2026-12"}),
        ("/transactions", "DELETE", f"/transactions/{sale}", {}),
        ("/transactions", "POST", f"/transactions/{sale}/reinstate", {}),
    ]


OFFERS_AND_SALES = ("offers/", "transactions/")


def test_every_part_of_an_answer_is_on_the_page_that_asked(app: Flask, demo: FlaskClient, database: Database) -> None:
    rendered: set[str | None] = set()

    def note(_app: Flask, template: Any, **_: object) -> None:
        rendered.add(template.name)

    with template_rendered.connected_to(note, app):
        for path, method, asked, words in acts(demo):
            known = ids(demo.get(path).text) | {"undo-2", "toast-2", "toast-back", "toast-sale-59"}
            answered_on(known, htmx(demo, method, asked, words, page=path).text, asked)
        _refused(demo, database)
    missed = [name for name in answers() if name.startswith(OFFERS_AND_SALES) and name not in rendered]
    assert missed == []


def answered_on(known: set[str], html: str, asked: str) -> None:
    asked_for = {found[0] for found in PARTIAL.findall(html)}
    assert asked_for, asked
    assert asked_for - known == set(), asked


def _refused(demo: FlaskClient, database: Database) -> None:
    """The answers to what cannot be done: a wrong price, a stale one, a component that is gone, a sale of nothing."""
    with database.transaction() as session:
        part, gone = queries.service(session, 2).components[:2]
        path = f"/offers/2/components/{part.id}"
        known = ids(demo.get("/offers/2?add=1").text)
        remove_component(session, make.admin(), gone.id)
    source = f"input#component-{part.id}-unit_cost"
    for words in (
        {"unit_cost": "x"},
        {"unit_cost": "700", "version": str(part.version)},
        {"unit_cost": "7", "version": "1"},
    ):
        answered_on(known, htmx(demo, "PATCH", path, words, source=source).text, path)
    answered_on(
        known, htmx(demo, "POST", "/offers/2/components", {"name": ""}, source="form#component-new").text, "new"
    )
    answered_on(known, htmx(demo, "PATCH", f"/offers/2/components/{gone.id}", {"unit_cost": "1"}).text, "gone")
    block = {"at": "unit_cost", "block": "x\ty", "rows": f"{part.id}:1"}
    answered_on(known, htmx(demo, "POST", "/offers/2/paste", block, source="form#paste").text, "pasted")
    sales = ids(demo.get("/transactions").text)
    answered_on(sales, htmx(demo, "POST", "/transactions", {"quantity": "0"}, source="form#new-sale").text, "sale")
    sold = {"service_id": "2", "quantity": "1", "month": "2026-11", "notes": "", "previewed": "2:1"}
    repriced = htmx(demo, "POST", "/transactions", sold, source="form#new-sale")
    assert repriced.status_code == 409
    answered_on(sales, repriced.text, "repriced")
    with database.reading() as session:
        assert ledger.transactions(session, most=1)
