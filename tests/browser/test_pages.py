"""Every page in Chromium, in both themes, on a wide screen and a phone: usable by everybody, and never too wide."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SIZES, Open

PAGES = {
    "admin": (
        "/", "/?month=2020-01", "/offers", "/offers?q=nothing", "/offers?status=archived", "/offers/new", "/offers/2",
        "/offers/2?add=1", "/offers/2/history", "/transactions", "/transactions?month=2020-01",
        "/transactions?voided=1", "/profit", "/settings", "/account", "/samples/clear", "/help", "/nowhere",
    ),
    "viewer": ("/", "/offers", "/offers/2", "/offers/2/history", "/transactions", "/profit", "/account", "/settings"),
}  # fmt: skip


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SIZES[request.param]


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_usable_by_everybody(signed_in: Open, who: str, theme: str, size: dict[str, Any]) -> None:
    page = signed_in(who, color_scheme=theme, **size)
    trouble: list[object] = []
    for path in PAGES[who]:
        page.goto(path)
        trouble += [(path, *each) for each in look_at(page)]
    assert trouble == []


def test_no_page_scrolls_sideways_on_a_tablet(signed_in: Open) -> None:
    page = signed_in("admin")
    wide: list[object] = []
    for path in PAGES["admin"]:
        page.goto(path)
        for width in (768, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            needed = page.evaluate("document.documentElement.scrollWidth")
            wide += [(path, width, needed)] if needed > width else []
    assert wide == []


def test_the_statement_never_cuts_a_column(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", "/profit", **size)
    for width in (390, 360, 600, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        cut = page.locator(".v-columns").evaluate(
            """box => {
                const [first, ...rest] = box.querySelectorAll('thead th'), edge = first.getBoundingClientRect().right;
                return rest.map(th => th.getBoundingClientRect())
                    .filter(at => at.left < edge - 4 && at.right > edge + 4).length;
            }"""
        )
        assert cut == 0, width


def test_the_sign_in_is_usable_by_everybody(signed_in: Open, theme: str, size: dict[str, Any]) -> None:
    page = signed_in("viewer", color_scheme=theme, **size)
    page.context.clear_cookies()
    page.goto("/login")
    assert look_at(page) == []


def test_what_opens_on_an_offer_is_usable_too(signed_in: Open, theme: str, size: dict[str, Any]) -> None:
    page = signed_in("admin", "/offers/2", color_scheme=theme, **size)
    row = page.locator("#grid-rows tr").nth(1)
    row.locator("summary").click()
    assert look_at(page) == []
    page.get_by_label("Group").locator("visible=true").fill("x" * 81)
    page.keyboard.press("Enter")
    page.locator(".v-cellmsg.err").wait_for()
    row.get_by_role("button", name="Remove").click()
    page.locator(".v-toast").wait_for()
    assert look_at(page) == []


def look_at(page: Page) -> list[tuple[object, ...]]:
    """What is wrong with a page: serious findings of axe, and a page wider than its screen."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    wrong: list[tuple[object, ...]] = [
        (each["id"], each["impact"], [node["html"][:160] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(("wider than the screen", page.evaluate("document.documentElement.scrollWidth")))
    return wrong
