"""Editing an offer in Chromium: every change shows everywhere at once, without leaving the page, and can be undone."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, SIZES, Open
from tests.browser.grid import MARK, cell, names, open_more, row, row_id, shows, still_the_same_page, write
from tests.browser.holding import Held

OFFER = "/offers/2"


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SIZES[request.param]


@pytest.fixture
def page(signed_in: Open) -> Page:
    """Atlas+ on a wide screen, as the admin sees it."""
    opened = signed_in("admin", OFFER)
    opened.evaluate(MARK)
    return opened


def test_three_cells_edited_quickly_are_all_saved(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", OFFER, **size)
    page.evaluate(MARK)
    write(page, "SSD (256GB)", "unit_cost", "420")
    write(page, "SSD (256GB)", "unit_sell", "750.50")
    write(page, "SSD (256GB)", "quantity", "2")
    row_of = row_id(page, "SSD (256GB)")
    expect(page.locator(f"#{row_of}-margin")).to_have_text("661")
    expect(page.locator(f"#{row_of}-margin_pct")).to_have_text("44.0%")
    for part in ("cost", "foot-cost"):
        shows(page, part, "3,440")
    shows(page, "sell", "6,501")
    shows(page, "foot-margin", "3,061")
    shows(page, "margin_pct", "47.1%")
    shows(page, "gap", "−1,501")
    expect(page.locator("#offer-2-list")).to_contain_text("the components add up to 6,501")
    expect(page.locator("#offer-2-split")).to_contain_text("840 24%")
    expect(page.locator("#what-if-out")).to_contain_text("3,440")
    expect(page.locator("#offer-2-past")).to_contain_text("Salma Bennis in the browser")
    expect(page.locator("#announce")).to_contain_text("Saved. Cost 3,440")
    still_the_same_page(page)
    page.reload()
    shows(page, "cost", "3,440")
    expect(cell(page, "SSD (256GB)", "unit_sell")).to_have_value("750.50")


def test_one_cell_edited_twice_quickly_keeps_the_last(page: Page) -> None:
    def slow(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/components/*", slow)
    for value in ("410", "420", "430"):
        write(page, "SSD (256GB)", "unit_cost", value)
    expect(cell(page, "SSD (256GB)", "unit_cost")).to_have_value("430")
    shows(page, "cost", "3,030")
    expect(cell(page, "SSD (256GB)", "unit_cost")).to_have_value("430")
    still_the_same_page(page)


def test_keys_move_edit_and_put_back(page: Page) -> None:
    cell(page, "HDD (1TB)", "name").click()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(cell(page, "SSD (256GB)", "unit_cost")).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    expect(cell(page, "SSD (256GB)", "unit_cost")).to_have_value("400")
    page.keyboard.type("315,50")
    page.keyboard.press("Tab")
    expect(cell(page, "SSD (256GB)", "unit_sell")).to_be_focused()
    page.keyboard.type("800")
    page.keyboard.press("Enter")
    expect(cell(page, "RAM (32GB)", "unit_sell")).to_be_focused()
    expect(cell(page, "SSD (256GB)", "unit_cost")).to_have_value("315.50")
    shows(page, "cost", "2,915.50")
    shows(page, "sell", "5,800")


def test_a_refusal_stands_in_the_cell_until_esc(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", OFFER, **size)
    write(page, "RAM (32GB)", "unit_cost", "6oo")
    told = page.locator(f"#{row_id(page, 'RAM (32GB)')}-unit_cost-error")
    expect(told).to_contain_text("Enter a number")
    expect(cell(page, "RAM (32GB)", "unit_cost")).to_have_value("6oo")
    cell(page, "RAM (32GB)", "unit_cost").click()
    page.keyboard.press("Escape")
    expect(told).to_be_empty()
    expect(cell(page, "RAM (32GB)", "unit_cost")).to_have_value("600")
    shows(page, "cost", "3,000")


@pytest.mark.parametrize("way", ["toast", "key"])
def test_a_removal_is_undone(page: Page, way: str) -> None:
    open_more(page, "Casing").get_by_role("button", name="Remove").click()
    expect(page.locator(".v-toast")).to_contain_text("Casing removed. Atlas+ now costs 2,800.")
    shows(page, "cost", "2,800")
    expect(page.locator("tr.is-gone")).to_contain_text("Casing")
    assert "Casing" not in names(page)
    if way == "toast":
        page.locator(".v-toast").get_by_role("button", name="Undo").click()
    else:
        page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    assert names(page)[4] == "Casing"
    expect(page.locator(".v-toast")).to_contain_text("Put back")
    still_the_same_page(page)


def test_ctrl_z_goes_back_change_by_change(page: Page) -> None:
    write(page, "RAM (32GB)", "unit_cost", "700")
    shows(page, "cost", "3,100")
    write(page, "RAM (32GB)", "notes", "ECC")
    expect(page.locator("#undos button")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(cell(page, "RAM (32GB)", "notes")).to_have_value("")
    shows(page, "cost", "3,100")
    page.keyboard.press("Control+z")
    shows(page, "cost", "3,000")
    expect(cell(page, "RAM (32GB)", "unit_cost")).to_have_value("600")


def test_what_is_being_typed_survives_an_undo(page: Page) -> None:
    write(page, "RAM (32GB)", "unit_cost", "700")
    shows(page, "cost", "3,100")
    field = cell(page, "SSD (256GB)", "notes")
    field.click()
    page.keyboard.type("half a sen")
    page.evaluate("document.querySelector('#undos button').click()")
    shows(page, "cost", "3,000")
    expect(field).to_be_focused()
    page.keyboard.type("tence")
    expect(field).to_have_value("half a sentence")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_contain_text("Saved")
    page.reload()
    expect(cell(page, "SSD (256GB)", "notes")).to_have_value("half a sentence")


def test_rows_move_by_keyboard(page: Page) -> None:
    cell(page, "Casing", "name").click()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowUp")
    assert names(page)[:3] == ["HDD (1TB)", "Casing", "SSD (256GB)"]
    expect(page.locator("#announce")).to_have_text("Casing is now number 2 of 9.")
    expect(cell(page, "Casing", "name")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#announce")).to_have_text("Casing is now number 3 of 9.")
    page.reload()
    assert names(page)[:3] == ["HDD (1TB)", "SSD (256GB)", "Casing"]


def test_rows_move_by_drag(page: Page) -> None:
    grip = row(page, "Support").locator("[data-grip]")
    row(page, "Support").hover()
    grip.hover()
    page.mouse.down()
    target = row(page, "SSD (256GB)").bounding_box()
    assert target
    page.mouse.move(target["x"] + 10, target["y"] + 60, steps=4)
    page.mouse.move(target["x"] + 10, target["y"] + 3, steps=4)
    page.mouse.up()
    expect(page.locator("#announce")).to_have_text("Support is now number 2 of 9.")
    page.reload()
    assert names(page)[1] == "Support"


def test_rows_move_by_button(signed_in: Open) -> None:
    page = signed_in("admin", OFFER, **PHONE)
    open_more(page, "HDD (1TB)").get_by_role("button", name="Move down").click()
    expect(page.locator("#announce")).to_have_text("HDD (1TB) is now number 2 of 9.")
    assert names(page)[:2] == ["SSD (256GB)", "HDD (1TB)"]


def test_group_and_kind_are_set_in_the_panel(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", OFFER, **size)
    panel = open_more(page, "Support")
    panel.get_by_label("Group").fill("People")
    panel.get_by_label("Group").press("Enter")
    expect(page.locator("#announce")).to_contain_text("Saved")
    panel.get_by_label("Kind").select_option("adjustment")
    expect(page.locator("#undos button")).to_have_count(2)
    page.reload()
    panel = open_more(page, "Support")
    expect(panel.get_by_label("Group")).to_have_value("People")
    expect(panel.get_by_label("Kind")).to_have_value("adjustment")


def test_components_are_added_one_after_another(page: Page) -> None:
    cell(page, "HDD (1TB)", "name").click()
    row(page, "HDD (1TB)").locator("[data-grip]").focus()
    page.keyboard.press("a")
    for name, cost in (("NVMe", "10.50"), ("GPU", "20")):
        expect(page.locator("#component-new-name")).to_be_focused()
        page.keyboard.type(name)
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.type(cost)
        page.keyboard.press("Tab")
        page.keyboard.type("50")
        page.keyboard.press("Enter")
        expect(cell_of_last(page)).to_have_value(name)
    shows(page, "cost", "3,030.50")
    shows(page, "count", "11 components")
    page.keyboard.press("Escape")
    expect(page.locator("#grid-new")).to_be_hidden()
    still_the_same_page(page)


def cell_of_last(page: Page) -> Any:
    return page.locator("#grid-rows tr[data-row]").last.locator("input[name=name]")


def test_a_stale_edit_shows_who_and_both_choices_work(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", OFFER), signed_in("admin", OFFER)
    write(theirs, "SSD (256GB)", "unit_cost", "450")
    shows(theirs, "cost", "3,050")
    write(mine, "SSD (256GB)", "unit_cost", "420")
    told = mine.locator(f"#{row_id(mine, 'SSD (256GB)')}-unit_cost-error")
    expect(told).to_contain_text("Salma Bennis changed this just now.")
    expect(told).to_contain_text("Theirs 450, yours 420.")
    expect(cell(mine, "SSD (256GB)", "unit_cost")).to_have_value("420")
    shows(mine, "cost", "3,050")
    told.get_by_role("button", name="Keep 450").click()
    expect(told).to_be_empty()
    expect(cell(mine, "SSD (256GB)", "unit_cost")).to_have_value("450")
    write(theirs, "SSD (256GB)", "unit_cost", "460")
    shows(theirs, "cost", "3,060")
    write(mine, "SSD (256GB)", "unit_cost", "470")
    told.get_by_role("button", name="Save 470").click()
    shows(mine, "cost", "3,070")
    expect(told.locator(".v-cellmsg")).to_have_count(0)
    theirs.reload()
    shows(theirs, "cost", "3,070")


def test_what_others_change_in_the_very_field_typed_in_is_not_overwritten(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", OFFER), signed_in("admin", OFFER)
    write(theirs, "SSD (256GB)", "unit_cost", "450")
    shows(theirs, "cost", "3,050")
    held = Held(mine, "**/components/*")
    write(mine, "Casing", "unit_cost", "210")
    field = cell(mine, "SSD (256GB)", "unit_cost")
    field.dblclick()
    field.fill("420")
    held.open()
    shows(mine, "cost", "3,060")
    field.press("Enter")
    told = mine.locator(f"#{row_id(mine, 'SSD (256GB)')}-unit_cost-error")
    expect(told).to_contain_text("Theirs 450, yours 420.")
    shows(mine, "cost", "3,060")


def test_a_row_removed_by_somebody_else_says_so(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", OFFER), signed_in("admin", OFFER)
    open_more(theirs, "Casing").get_by_role("button", name="Remove").click()
    shows(theirs, "cost", "2,800")
    write(mine, "Casing", "unit_cost", "250")
    expect(mine.locator("#notices")).to_contain_text("Somebody removed this component meanwhile")
    assert "Casing" not in names(mine)
    shows(mine, "cost", "2,800")


def test_what_was_not_saved_is_kept_and_sent_again(page: Page) -> None:
    page.route("**/components/*", lambda route: route.abort())
    write(page, "SSD (256GB)", "unit_cost", "444")
    expect(page.locator("td:has(.unsaved) input")).to_have_value("444")
    told = page.locator(".unsaved", has_text="did not answer")
    expect(told).to_be_visible()
    shows(page, "cost", "3,000")
    page.unroute("**/components/*")
    told.get_by_role("button", name="Retry").click()
    shows(page, "cost", "3,044")
    expect(page.locator(".unsaved")).to_have_count(0)


def test_name_list_price_and_the_notice_follow_in_place(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", OFFER, **size)
    page.evaluate(MARK)
    page.get_by_label("Name of the offer").fill("Atlas Max")
    page.get_by_label("Name of the offer").press("Enter")
    expect(page.locator("#offer-2-crumb")).to_have_text("Atlas Max")
    expect(page).to_have_title("Atlas Max · Vela")
    page.get_by_label("List price", exact=True).fill("5 600")
    page.get_by_label("List price", exact=True).press("Enter")
    shows(page, "gap", "−100")
    page.get_by_role("button", name="Add discount line").click()
    shows(page, "sell", "5,600")
    expect(page.locator("#offer-2-list")).to_be_empty()
    assert names(page)[-1] == "Discount"
    still_the_same_page(page)


def test_what_if_follows_the_sliders_and_the_offer(page: Page) -> None:
    page.locator("#what-if-only").select_option("Storage")
    page.locator("#what-if-cost").focus()
    for _ in range(2):
        page.keyboard.press("PageUp")
    expect(page.locator("#what-if-cost-out")).to_have_text("+10%")
    expect(page.locator("#what-if-out")).to_contain_text("3,130")
    write(page, "HDD (1TB)", "unit_cost", "700")
    expect(page.locator("#what-if-out")).to_contain_text("3,240")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#what-if-cost-out")).to_have_text("0%")
    expect(page.locator("#what-if-out")).not_to_contain_text("3,240")


def test_a_viewer_can_look_and_suppose(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("viewer", OFFER, **size)
    assert page.locator("main input:not([type=range]):not([type=hidden])").count() == 0
    expect(page.locator("#grid-rows")).to_contain_text("SSD (256GB)")
    page.locator("#what-if-sell").focus()
    page.keyboard.press("PageUp")
    expect(page.locator("#what-if-out")).to_contain_text("5,985")
    expect(page.get_by_role("button", name="Archive")).to_have_count(0)
