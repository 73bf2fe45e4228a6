"""The whole day of an owner without a mouse, from the sign-in to the sign-out."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDE, this_month
from tests.browser.grid import names, shows


def palette(page: Page, text: str) -> None:
    """Find something from wherever one is, and go there or do it."""
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, as somebody does who sees where it is."""
    for _ in range(60):
        if page.locator(selector).first.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_the_whole_day_without_a_mouse(browser: Browser, server: str, complaints: list[str]) -> None:
    context = browser.new_context(base_url=server, permissions=["clipboard-read", "clipboard-write"], **WIDE)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/login")
    tab_to(page, "input[name=username]")
    page.keyboard.type("admin")
    tab_to(page, "input[name=password]")
    page.keyboard.type("admin123")
    press(page, "Enter")
    expect(page).to_have_url(f"{server}/")
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("53,100")
    price_an_offer(page)
    grow_it(page)
    sell(page)
    close_the_books(page)
    palette(page, "sign out")
    expect(page).to_have_url(re.compile("/login"))
    context.close()


def price_an_offer(page: Page) -> None:
    """Open an offer, change a price, take it back."""
    palette(page, "atlas+")
    expect(page).to_have_url(re.compile("/offers/2$"))
    page.wait_for_load_state()
    tab_to(page, "#grid-rows input[name=name]")
    press(page, "ArrowRight", "ArrowRight")
    page.keyboard.type("640")
    press(page, "Enter")
    shows(page, "cost", "3,040")
    press(page, "Control+z")
    shows(page, "cost", "3,000")


def grow_it(page: Page) -> None:
    """Add a component, move it, and paste prices over three."""
    palette(page, "support atlas+")
    expect(page.locator("#grid-rows input[name=name]:focus")).to_have_value("Support")
    press(page, "Escape", "a")
    expect(page.locator("#component-new-name")).to_be_focused()
    page.keyboard.type("Monitoring")
    press(page, "Tab", "Tab")
    page.keyboard.type("50")
    press(page, "Tab")
    page.keyboard.type("150")
    press(page, "Enter")
    shows(page, "cost", "3,050")
    press(page, "Escape", "Escape")
    expect(page.locator("#component-new-name")).to_be_hidden()
    palette(page, "monitoring")
    expect(page.locator("#grid-rows input[name=name]:focus")).to_have_value("Monitoring")
    press(page, "Alt+ArrowUp")
    expect(page.locator("#announce")).to_contain_text("Monitoring is now number 9 of 10.")
    assert names(page)[-2:] == ["Monitoring", "Support"]
    expect(page.locator("#grid-rows input[name=name]:focus")).to_have_value("Monitoring")
    press(page, "ArrowRight", "ArrowRight")
    page.evaluate("navigator.clipboard.writeText('60\\t160\\n210\\t710')")  # as copied in another program
    press(page, "Control+v")
    shows(page, "cost", "3,070")
    shows(page, "sell", "5,870")


def sell(page: Page) -> None:
    """Record a sale, void it, take the void back."""
    press(page, "Escape", "n")
    expect(page.locator("#new-sale-service_id")).to_be_focused()
    page.keyboard.type("Rif")
    press(page, "Tab")
    page.keyboard.type("2")
    press(page, "Enter")
    total = page.locator("#sales tfoot")
    expect(total).to_contain_text("60,300")
    expect(page.locator("#new-sale-service_id")).to_be_focused()
    tab_to(page, "#sales [id$=-void]")
    press(page, "Enter")
    expect(total).to_contain_text("53,100")
    press(page, "Control+z")
    expect(total).to_contain_text("60,300")


def close_the_books(page: Page) -> None:
    """Read the statement of this month and the one before, and add an expense there."""
    press(page, "Escape", "g", "p")
    expect(page).to_have_url(re.compile("/profit$"))
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("60,300")
    press(page, "[")
    expect(page).to_have_url(re.compile(rf"/profit\?month={this_month().previous}$"))
    page.wait_for_load_state()
    tab_to(page, "#expense-new-name")
    page.keyboard.type("Cleaning")
    press(page, "Tab")
    page.keyboard.type("120")
    press(page, "Enter")
    expect(page.locator("#expense-rows input[name=name]").last).to_have_value("Cleaning")
