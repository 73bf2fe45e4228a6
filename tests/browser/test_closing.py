"""Closing a month in a real browser, with the keyboard alone, while somebody else sells into it; and the red banner."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Open
from vela.db import Database
from vela.domain.audit import chain

MONTH = "2026-10"


def open_with_keys(page: Page, name: str) -> None:
    """Go to a link or button by Tab and press it."""
    wanted = page.get_by_role("link", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True))
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("el => el === document.activeElement"):
            page.keyboard.press("Enter")
            return
    pytest.fail(f"{name} cannot be reached by Tab")


def test_a_month_is_closed_and_reopened_by_keys_while_another_sells_into_it(signed_in: Open) -> None:
    other = signed_in("viewer", f"/transactions?month={MONTH}")
    page = signed_in("admin", f"/profit?month={MONTH}")
    open_with_keys(page, "Close Oct 2026")
    expect(page.get_by_role("heading", name="Close October 2026")).to_be_visible()
    page.keyboard.press("Tab")
    page.get_by_label("Reason").focus()
    page.keyboard.type("Handed in")
    page.keyboard.press("Enter")
    expect(page.locator("#closing")).to_contain_text("October 2026 is closed. Salma Bennis closed it")

    other.get_by_role("button", name="Add").click()
    expect(other.locator("#new-sale-month-error")).to_contain_text("2026-10 is closed")
    other.reload()
    expect(other.locator(".v-month .v-lock")).to_contain_text("Oct 2026, closed")

    open_with_keys(page, "Reopen")
    page.get_by_label("Reason").focus()
    page.keyboard.type("A sale was forgotten")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("October 2026 can be changed again.")

    assert other.get_by_role("button", name="Add").count() == 0
    other.reload()
    other.get_by_role("button", name="Add").click()
    expect(other.locator("#toasts")).to_contain_text("Recorded")


@pytest.mark.parametrize("size", SIZES)
def test_everybody_sees_that_the_books_are_read_only(signed_in: Open, tmp_path: Path, size: str) -> None:
    admin = signed_in("admin", "/offers/1", **SIZES[size])
    viewer = signed_in("viewer", "/transactions", **SIZES[size])
    database = Database(f"sqlite:///{tmp_path / 'vela.db'}")
    with database.transaction() as session:
        chain.stop(session, "The kept sum of Atlas in 2026-10 is not what was sold.")
    database.close()
    viewer.get_by_role("button", name="Add").click()
    expect(viewer.locator("#new-sale")).to_contain_text("The kept sum of Atlas in 2026-10")
    for page in (admin, viewer):
        page.reload()
        expect(page.get_by_role("alert").first).to_contain_text("Vela is read-only: something in the books is wrong.")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert viewer.get_by_role("link", name="What was found").count() == 0
    admin.get_by_role("link", name="What was found").click()
    admin.get_by_role("button", name="Check now").click()
    expect(admin.locator("#notices")).to_contain_text("Everything adds up.")
    expect(admin.locator(".v-stopped")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_the_history_is_read_and_narrowed(signed_in: Open, size: str) -> None:
    page = signed_in("admin", "/settings/trail", **SIZES[size])
    first = page.locator("#changes > li").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.locator(".v-hash")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("About").select_option(label="Users")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#changes > li").first).to_contain_text("made user")
