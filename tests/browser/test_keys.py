"""Every key of the list of keys in Chromium: what it does, that it is silent while typing, and when switched off."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, this_month
from tests.browser.grid import cell, names, row, shows, write

OFFER = "/offers/2"
Check = Callable[[Page], None]


def focused(page: Page) -> Locator:
    return page.locator("*:focus")


def at(path: str) -> Check:
    return lambda page: expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def on_the_month_before(page: Page) -> None:
    at(f"/profit?month={this_month().previous}")(page)


def shown(selector: str) -> Check:
    return lambda page: expect(page.locator(selector)).to_be_visible()


def on(selector: str) -> Check:
    return lambda page: expect(page.locator(selector).first).to_be_focused()


# Where one stands, what is pressed one after another, and what is so afterwards.
SINGLE: list[tuple[str, list[str], Check]] = [
    ("/", ["/"], shown("#palette")),
    ("/", ["?"], shown("#keys")),
    ("/", ["g", "o"], at("/offers")),
    ("/", ["g", "t"], at("/transactions")),
    ("/", ["g", "p"], at("/profit")),
    ("/offers", ["g", "d"], at("/")),
    ("/offers", ["n"], on("#new-sale-service_id")),
    ("/profit", ["["], on_the_month_before),
    ("/profit?month=2026-09", ["]"], at("/profit?month=2026-10")),
    ("/offers", ["j", "j", "k"], on("#offer-1 .v-rowlink")),
    ("/offers", ["j", "e"], shown("#offer-1-parts")),
    ("/transactions", ["j"], on("#sales .v-rowlink")),
    ("/offers/2/history", ["j"], on("#revision-1")),
    ("/settings", ["j"], on("#user-1 summary")),
    ("/settings/trail", ["j"], on("#changes summary")),
    ("/settings/trail", ["j", "e"], shown("#changes details[open] dl")),
    (OFFER, ["a"], on("#component-new-name")),
]
ALWAYS: list[tuple[str, list[str], Check]] = [
    ("/", ["Control+k"], shown("#palette")),
    ("/account", ["Control+K"], shown("#palette")),
]


def go(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state()


def press(page: Page, keys: list[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def stands(page: Page) -> Any:
    """What a key could have changed."""
    return page.evaluate(
        """() => [location.href, document.activeElement.id || document.activeElement.tagName,
            document.querySelectorAll('dialog[open],details[open]').length, document.querySelectorAll('tr').length,
            document.getElementById('grid-new')?.hidden]"""
    )


def test_each_key_does_what_the_list_says(signed_in: Open) -> None:
    page = signed_in("admin")
    for path, keys, check in SINGLE + ALWAYS:
        go(page, path)
        press(page, keys)
        check(page)


def test_a_key_acts_as_soon_as_the_scripts_are_there(signed_in: Open) -> None:
    page = signed_in("admin")
    page.add_init_script("""document.addEventListener('DOMContentLoaded', () => document.body.dispatchEvent(
        new KeyboardEvent('keydown', {key: '?', bubbles: true, cancelable: true})))""")
    page.goto("/offers")
    expect(page.locator("#keys")).to_be_visible()
    expect(page).to_have_url(re.compile("/offers$"))


def test_single_keys_are_silent_while_typing(signed_in: Open) -> None:
    page = signed_in("admin", "/offers")
    field = page.get_by_label("Filter offers")
    for path in ("/offers", "/transactions"):
        go(page, path)
        field = page.locator("input[name=q][type=search]")
        field.focus()
        before = stands(page)
        for key in ("/", "?", "g", "o", "n", "[", "]", "j", "k", "e"):
            page.keyboard.press(key)
        expect(field).to_have_value("/?gon[]jke")
        assert stands(page)[1:3] == before[1:3]
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_single_keys_can_be_switched_off_and_the_others_stay(signed_in: Open) -> None:
    page = signed_in("admin", "/account")
    page.get_by_label("Single keys act").uncheck()
    page.locator("#preferences").get_by_role("button", name="Save").press("Enter")
    expect(page.locator("html[data-no-keys]")).to_have_count(1)
    for path, keys, _check in SINGLE:
        go(page, path)
        before = stands(page)
        press(page, keys)
        assert stands(page) == before, (path, keys)
    for path, keys, check in ALWAYS:
        go(page, path)
        press(page, keys)
        check(page)
    go(page, OFFER)
    page.locator("#component-1-grip, [data-grip]").first.focus()
    page.keyboard.press("a")
    expect(page.locator("#component-new-name")).to_be_focused()


def test_keys_of_another_script_and_brackets_written_with_alt_gr(signed_in: Open) -> None:
    page = signed_in("admin", "/profit")
    cyrillic = """(keys) => keys.forEach(([key, code]) => document.body.dispatchEvent(
        new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true})))"""
    page.evaluate(cyrillic, [["х", "BracketLeft"]])
    on_the_month_before(page)
    page.wait_for_load_state()
    page.evaluate(cyrillic, [["п", "KeyG"], ["щ", "KeyO"]])
    expect(page).to_have_url(re.compile("/offers$"))


def test_esc_closes_what_floats_else_leaves_the_field(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_have_count(0)
    page.get_by_label("Note", exact=True).focus()
    page.keyboard.press("Escape")
    expect(page.locator("body")).to_be_focused()
    page.locator("#sales [id$=-void]").first.press("Enter")
    toast = page.locator(".v-toast", has_text="Voided")
    expect(toast).to_be_visible()
    page.keyboard.press("Escape")
    expect(toast).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator(".v-toast", has_text="Counts again")).to_be_visible()
    go(page, OFFER)
    summary = row(page, "Casing").locator("summary")
    summary.press("Enter")
    expect(row(page, "Casing").locator(".v-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(row(page, "Casing").locator(".v-panel")).to_be_hidden()
    expect(summary).to_be_focused()


def test_enter_opens_the_row_of_a_list(signed_in: Open) -> None:
    page = signed_in("viewer", "/offers")
    press(page, ["j", "j", "Enter"])
    expect(page).to_have_url(re.compile("/offers/2$"))
    go(page, "/transactions")
    press(page, ["j", "ArrowDown", "ArrowUp", "Enter"])
    expect(page).to_have_url(re.compile(r"/offers/\d$"))


def test_the_grid_by_keys(signed_in: Open) -> None:
    page = signed_in("admin", OFFER)
    order = names(page)
    cell(page, order[0], "name").focus()
    for keys, name, field in (
        ("ArrowDown", order[1], "name"), ("ArrowRight", order[1], "quantity"), ("End", order[1], "more"),
        ("ArrowUp", order[0], "more"), ("Home", order[0], "grip"), ("ArrowRight", order[0], "name"),
    ):  # fmt: skip
        page.keyboard.press(keys)
        expect(cell(page, name, field)).to_be_focused()
    page.keyboard.press("Control+End")
    expect(page.locator("#grid tfoot :focus")).to_have_count(1)
    page.keyboard.press("Control+Home")
    expect(cell(page, order[0], "grip")).to_be_focused()
    cost = cell(page, order[0], "unit_cost")
    cost.focus()
    press(page, ["Delete", "Escape"])
    expect(cost).to_have_value("600")
    press(page, ["F2", "1", "Escape"])
    expect(cost).to_have_value("600")
    page.keyboard.type("610")
    page.keyboard.press("Shift+Enter")
    shows(page, "cost", "3,010")
    page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    cost.focus()
    press(page, ["Enter", "Tab"])
    expect(cell(page, order[0], "unit_sell")).to_be_focused()
    expect(cell(page, order[0], "unit_sell")).to_be_editable()
    press(page, ["Shift+Tab"])
    expect(cost).to_be_editable()
    press(page, ["Escape", "Tab"])
    expect(page.locator("#grid-rows :focus")).to_have_count(0)


def test_alt_moves_a_row_and_a_adds_one_or_drops_it(signed_in: Open) -> None:
    page = signed_in("admin", OFFER)
    first, second, *rest = names(page)
    cell(page, first, "name").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".v-toast", has_text="moved to place 2.")).to_be_visible()
    assert names(page) == [second, first, *rest]
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".v-toast", has_text="moved to place 1.")).to_be_visible()
    assert names(page) == [first, second, *rest]
    page.locator("#add-component").focus()
    page.keyboard.press("a")
    expect(page.locator("#component-new-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#component-new-name")).to_be_hidden()
    expect(page.locator("#add-component")).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.type("Cage")
    press(page, ["Tab", "Tab"])
    page.keyboard.type("5")
    page.keyboard.press("Tab")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(page.locator(".v-toast", has_text="Added: Cage.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".v-toast", has_text="Put back")).to_be_visible()
    assert names(page) == [first, second, *rest]


def test_ctrl_z_takes_back_on_every_page(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    total = page.locator("#sales tfoot")
    page.get_by_label("Offer", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add").press("Enter")
    expect(total).to_contain_text("57,100")
    expect(page.get_by_label("Offer", exact=True)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(total).to_contain_text("53,100")
    page.keyboard.press("Control+z")
    expect(total).to_contain_text("57,100")
    go(page, "/profit")
    remove = page.locator("#expense-rows tr").first
    remove.locator("summary").press("Enter")
    remove.get_by_role("button", name="Remove").press("Enter")
    expect(page.locator("#expense-rows tr[data-row]")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#expense-rows tr[data-row]")).to_have_count(1)
    go(page, OFFER)
    page.get_by_label("Description", exact=True).fill("2TB")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_contain_text("2TB")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Description", exact=True)).to_have_value("1TB + Backup")
    write(page, "Casing", "unit_cost", "1")
    shows(page, "cost", "2,801")
    cell(page, "Casing", "unit_sell").focus()
    page.keyboard.type("77")
    page.keyboard.press("Control+z")
    shows(page, "cost", "2,801")
