"""Sales in Chromium: recorded in one line, read in the P&L and on the dashboard, voided and counted again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Open


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SIZES[request.param]


def total(page: Page) -> str:
    """The revenue under the list."""
    return page.locator("#sales tfoot td.num:not(.hide-m)").inner_text()


def figure(page: Page, path: str, text: str) -> None:
    page.goto(path)
    expect(page.locator("main")).to_contain_text(text)


@pytest.mark.parametrize("who", ["admin", "viewer"])
def test_a_sale_reaches_the_profit_and_the_dashboard(signed_in: Open, size: dict[str, Any], who: str) -> None:
    page = signed_in(who, "/transactions", **size)
    page.evaluate("window.mark = 1")
    assert total(page) == "53,100"
    rows = page.locator("#sales tbody tr").count()
    page.get_by_label("Offer", exact=True).select_option("Rif")
    page.get_by_label("Quantity", exact=True).fill("2")
    expect(page.locator("#new-sale-worth")).to_contain_text("7,200")
    expect(page.locator("#new-sale-worth")).to_contain_text("3,800")
    page.keyboard.press("Enter")
    expect(page.locator("#sales tbody tr")).to_have_count(rows + 1)
    first = page.locator("#sales tbody tr").first
    expect(first).to_contain_text("Rif")
    expect(first).not_to_contain_text("sample")
    assert total(page) == "60,300"
    expect(page.locator(".v-chips")).to_contain_text(f"All {rows + 1}")
    expect(page.get_by_label("Offer", exact=True)).to_be_focused()
    expect(page.get_by_label("Quantity", exact=True)).to_have_value("1")
    expect(page.locator("#new-sale-worth")).to_contain_text("3,600")
    assert page.evaluate("window.mark") == 1
    assert (page.locator("#sales [id$=-void]").count() == 0) == (who == "viewer")
    figure(page, "/profit", "60,300")
    figure(page, "/", "60,300")


def test_pressing_add_twice_records_once(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    rows = page.locator("#sales tbody tr").count()
    page.evaluate(
        "() => { const form = document.getElementById('new-sale'); form.requestSubmit(); form.requestSubmit(); }"
    )
    expect(page.locator("#sales tbody tr")).to_have_count(rows + 1)
    page.reload()
    expect(page.locator("#sales tbody tr")).to_have_count(rows + 1)


def test_a_refused_sale_keeps_what_was_typed(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", "/transactions", **size)
    quantity = page.get_by_label("Quantity", exact=True)
    quantity.fill("0")
    quantity.press("Enter")
    expect(page.locator("#new-sale-quantity-error")).to_contain_text("Enter a whole number of 1 or more.")
    expect(quantity).to_have_value("0")
    quantity.fill("1")
    expect(page.locator("#new-sale-quantity-error")).to_be_empty()


def test_a_sale_is_voided_and_counted_again(signed_in: Open, size: dict[str, Any]) -> None:
    page = signed_in("admin", "/transactions", **size)
    page.locator("#sales [id$=-void]").first.click()
    toast = page.locator(".v-toast", has_text="Voided: 1 × Rif+")
    expect(page.locator(".v-chips")).to_contain_text("Voided 1")
    assert total(page) == "47,500"
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#sales tfoot")).to_contain_text("53,100")
    page.locator("#sales [id$=-void]").first.click()
    expect(page.locator("#sales tfoot")).to_contain_text("47,500")
    page.locator(".v-chips").get_by_text("Voided").click()
    expect(page).to_have_url(re.compile("voided=1"))
    page.get_by_role("button", name="Count again").click()
    expect(page.locator("#sales")).to_contain_text("No voided sales")
    figure(page, "/profit", "53,100")


def test_filters_follow_what_is_typed_and_stand_in_the_address(signed_in: Open) -> None:
    page = signed_in("viewer", "/transactions")
    page.get_by_label("Search notes").fill("renewal")
    expect(page.locator("#sales tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"q=renewal"))
    expect(page.get_by_label("Search notes")).to_be_focused()
    page.get_by_label("Added by").select_option("Salma Bennis")
    expect(page.locator("#sales tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator("#sales tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search notes")).to_have_value("renewal")


def test_the_list_of_offers_opens_narrows_and_obeys_keys(signed_in: Open) -> None:
    page = signed_in("viewer", "/offers")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Atlas", exact=True)).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#offer-1-parts")).to_contain_text("HDD (1TB)")
    expect(page.locator("#offer-1-expand")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("e")
    expect(page.locator("#offer-1-parts")).to_have_count(0)
    expect(page.locator("#offer-1-expand")).to_have_attribute("aria-expanded", "false")
    page.get_by_label("Filter offers").fill("backup")
    expect(page.locator("#offer-rows tr")).to_have_count(2)
    expect(page.get_by_label("Filter offers")).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=backup$"))
