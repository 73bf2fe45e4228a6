"""Pasting from the clipboard into the grid in Chromium: good, refused, disputed, undone, and into a field as ever."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.grid import MARK, cell, names, row_id, shows, still_the_same_page, write

OFFER = "/offers/2"


@pytest.fixture
def page(signed_in: Open) -> Page:
    return allowed(signed_in("admin", OFFER))


def allowed(page: Page) -> Page:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_a_block_lands_from_the_focused_cell_on_and_one_undo_takes_it_back(page: Page) -> None:
    before = names(page)
    page.evaluate(MARK)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
    start = cell(page, "Support", "name")
    start.focus()
    paste(page, "Support\t2\t200\t700\nCage\t1\t10,5\t90\nRail\t3\t1\t2\n")
    expect(page.locator(".v-toast")).to_have_count(1)
    expect(page.locator(".v-toast")).to_contain_text("Components changed: 1, added: 2.")
    assert names(page) == [*before, "Cage", "Rail"]
    shows(page, "cost", "3,213.50")
    expect(cell(page, "Cage", "unit_cost")).to_have_value("10.50")
    expect(cell(page, "Support", "name")).to_be_focused()
    assert len(requests) == 1
    page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    assert names(page) == before
    cell(page, "Casing", "unit_cost").focus()
    paste(page, "250")
    shows(page, "cost", "3,050")
    expect(cell(page, "Casing", "unit_cost")).to_be_focused()
    still_the_same_page(page)


def test_refused_cells_keep_what_was_pasted_and_nothing_is_stored(page: Page) -> None:
    cell(page, "Setup", "unit_cost").focus()
    paste(page, "210\tabc\n220\t710")
    wrong = cell(page, "Setup", "unit_sell")
    expect(wrong).to_have_value("abc")
    expect(wrong).to_be_focused()
    expect(page.locator(f"#{row_id(page, 'Setup')}-unit_sell-error .v-cellmsg")).to_be_visible()
    expect(page.locator("#notices")).to_contain_text("Nothing was pasted.")
    expect(cell(page, "Setup", "unit_cost")).to_have_value("200")
    shows(page, "cost", "3,000")
    page.keyboard.press("Escape")
    expect(wrong).to_have_value("400")
    cell(page, "Setup", "unit_cost").focus()
    paste(page, "210\tabc")
    expect(wrong).to_be_focused()
    paste(page, "410")
    shows(page, "sell", "5,710")
    expect(wrong).to_have_value("410")
    page.keyboard.press("Escape")
    page.reload()
    shows(page, "sell", "5,710")


def test_a_cell_that_somebody_else_changed_is_disputed_as_by_hand(signed_in: Open, page: Page) -> None:
    theirs = signed_in("admin", OFFER)
    write(theirs, "Casing", "unit_cost", "250")
    shows(theirs, "cost", "3,050")
    cell(page, "Casing", "unit_cost").focus()
    paste(page, "260\t310\n5\t6")
    slot = page.locator(f"#{row_id(page, 'Casing')}-unit_cost-error")
    expect(slot).to_contain_text("Theirs 250, yours 260.")
    expect(cell(page, "Casing", "unit_cost")).to_have_value("260")
    shows(page, "cost", "3,050")
    slot.get_by_role("button", name="Save 260").press("Enter")
    shows(page, "cost", "3,060")
    expect(cell(page, "Casing", "unit_sell")).to_have_value("300")


def test_a_field_that_is_typed_in_takes_its_own_text(page: Page) -> None:
    notes = cell(page, "Casing", "notes")
    notes.focus()
    page.keyboard.press("F2")
    paste(page, "blue")
    expect(notes).to_have_value("blue")
    page.keyboard.press("Escape")
    description = page.get_by_label("Description", exact=True)
    description.focus()
    page.keyboard.press("Control+a")
    paste(page, "a\tb")
    assert description.input_value() == "a\tb"
