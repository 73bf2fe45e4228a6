"""The keys of the grid in Chromium when things go wrong: refusals, undo and two people at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.grid import cell, open_more, row_id, shows, write

OFFER = "/offers/2"
STOPS = """() => [...document.querySelectorAll('#grid-rows input, #grid-rows button, #grid-rows summary')]
    .filter(each => each.tabIndex >= 0 && each.checkVisibility()).length"""


@pytest.fixture
def page(signed_in: Open) -> Page:
    return signed_in("admin", OFFER)


def test_lines_add_up_when_two_people_edit(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", OFFER), signed_in("admin", OFFER)
    write(theirs, "Casing", "unit_cost", "250")
    shows(theirs, "cost", "3,050")
    write(mine, "Support", "unit_sell", "601")
    shows(mine, "cost", "3,050")
    expect(cell(mine, "Casing", "unit_cost")).to_have_value("250")
    expect(mine.locator("#toast-news")).to_contain_text("all lines are fresh")
    lines = mine.locator("#grid-rows tr[data-row]").evaluate_all(
        """rows => rows.reduce((sum, row) => sum + ['quantity', 'unit_cost'].map(name =>
            Number(row.querySelector(`input[name=${name}]`).value.replace(',', ''))).reduce((a, b) => a * b), 0)"""
    )
    assert lines == 3050


def test_the_grid_stays_one_tab_stop_after_undo(page: Page) -> None:
    assert page.evaluate(STOPS) == 1
    open_more(page, "Casing").get_by_role("button", name="Remove").click()
    shows(page, "cost", "2,800")
    page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    expect(cell(page, "Casing", "name")).to_be_visible()
    assert page.evaluate(STOPS) == 1
    cell(page, "Casing", "notes").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#{row_id(page, 'Casing')}-more")).to_be_focused()


def test_esc_puts_back_what_the_server_has(page: Page) -> None:
    field = cell(page, "RAM (32GB)", "unit_cost")
    write(page, "RAM (32GB)", "unit_cost", "abc")
    told = page.locator(f"#{row_id(page, 'RAM (32GB)')}-unit_cost-error")
    expect(told).to_contain_text("Enter a number")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("xyz")
    page.keyboard.press("Escape")
    expect(field).to_have_value("600")
    expect(told).to_be_empty()


@pytest.mark.parametrize(
    ("label", "name"), [("Target margin, percent", "target_margin_pct"), ("List cost", "list_cost")]
)
def test_esc_puts_back_in_the_strip(page: Page, label: str, name: str) -> None:
    field, told = page.get_by_label(label, exact=True), page.locator(f"#offer-2-{name}-error")
    was = field.input_value()
    field.fill("abc")
    field.press("Enter")
    expect(told).to_contain_text("Enter a number")
    field.click()
    field.press("Escape")
    expect(field).to_have_value(was)
    expect(told).to_be_empty()


def test_an_unsaved_value_survives_the_undo_of_another_row(page: Page) -> None:
    write(page, "RAM (32GB)", "unit_cost", "700")
    shows(page, "cost", "3,100")
    write(page, "Casing", "unit_cost", "abc")
    expect(page.locator(f"#{row_id(page, 'Casing')}-unit_cost-error")).to_contain_text("Enter a number")
    page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    expect(cell(page, "RAM (32GB)", "unit_cost")).to_have_value("600")
    expect(cell(page, "Casing", "unit_cost")).to_have_value("abc")


def test_a_void_leaves_the_focus_on_the_next_sale(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    second = page.locator("#sales [id$=-void]").nth(1).get_attribute("id")
    page.locator("#sales [id$=-void]").first.press("Enter")
    expect(page.locator(f"#{second}")).to_be_focused()


def test_a_step_keeps_the_panel_open_and_can_be_undone(page: Page) -> None:
    button = open_more(page, "Casing").get_by_role("button", name="Move down")
    button.press("Enter")
    toast = page.locator(".v-toast")
    expect(toast).to_contain_text("Casing moved to place 6.")
    expect(button).to_be_visible()
    expect(button).to_be_focused()
