"""The palette in Chromium: by keyboard alone, by touch, and as a page without script."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, this_month
from tests.browser.grid import cell


def chosen(page: Page) -> str:
    """The words of the option that the search field points at, which must be the one that is marked."""
    pointed = page.locator("#palette-q").get_attribute("aria-activedescendant")
    marked = page.locator("#palette [aria-selected=true]")
    expect(marked).to_have_count(1)
    assert marked.get_attribute("id") == pointed
    return marked.locator(".what").inner_text()


def settled(page: Page, text: str) -> None:
    expect(page.locator("#palette-status data")).to_have_attribute("value", text)


def test_by_keyboard_alone(signed_in: Open) -> None:
    page = signed_in("admin", "/offers/2")
    here = cell(page, "Casing", "unit_cost")
    here.focus()
    page.keyboard.press("Control+k")
    settled(page, "")
    expect(page.locator("#palette-q")).to_be_focused()
    expect(page.locator("#palette-q")).to_have_attribute("aria-expanded", "true")
    assert chosen(page) == "Record a sale"
    page.keyboard.press("ArrowUp")
    last = chosen(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page) == "Record a sale" != last
    page.keyboard.type("zzz")
    expect(page.locator("#palette-none")).to_contain_text("Nothing matches “zzz”.")
    expect(page.locator("#palette-q")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(here).to_be_focused()
    page.keyboard.press("Control+k")
    settled(page, "zzz")
    page.keyboard.type("sauv")
    settled(page, "sauv")
    assert chosen(page).startswith("Sauvegarde")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#grid-rows input[name=name]:focus")).to_have_value("Sauvegarde")


def test_enter_waits_for_what_was_typed(signed_in: Open) -> None:
    page = signed_in("admin", "/account")
    page.keyboard.press("/")
    settled(page, "")
    page.keyboard.type("rif+")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/offers/4$"))


def test_acts(signed_in: Open) -> None:
    page = signed_in("admin", "/account", color_scheme="dark")
    for text, check in (
        ("theme", "html[data-bs-theme=light]"),
        ("keys", "#keys[open]"),
    ):
        page.keyboard.press("Control+k")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.locator(check)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("sale of rif")
    page.keyboard.press("Enter")
    settled(page, "sale of rif")
    page.locator("#palette-q").fill("sign out")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/login"))


def test_by_touch_and_usable_by_everybody(signed_in: Open) -> None:
    page = signed_in("viewer", "/", **PHONE)
    page.locator("[data-find]").tap()
    settled(page, "")
    page.locator("#palette-q").fill("nov")
    settled(page, "nov")
    found = Axe().run(page, context="#palette", options={"resultTypes": ["violations"]}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    year = this_month().plus(-10).year - 1  # the last November but one
    page.get_by_role("option", name=f"Profit and loss of November {year}").tap()
    page.wait_for_url(re.compile(rf"/profit\?month={year}-11$"))  # with its scripts: before them it is a link
    page.locator("[data-find]").tap()
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("#palette")).to_be_hidden()


def test_without_script(signed_in: Open) -> None:
    page = signed_in("admin", "/", java_script_enabled=False)
    page.locator("[data-find]").click()
    page.locator("#find-q").fill("casing rif")
    page.get_by_role("button", name="Find").click()
    page.locator('a.opt[href^="/offers/3#"]').click()
    expect(page).to_have_url(re.compile(r"/offers/3#component-\d+-name$"))
    page.locator("[data-keys]").click()
    expect(page.locator("main")).to_contain_text("Move the row up, down")
