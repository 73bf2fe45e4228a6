"""Impatience in Chromium: pressing twice, Enter twice, a slow or lost answer, Stop, Back; two who save the same."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.holding import Held


def rows(page: Page) -> int:
    return page.locator("#sales tbody tr").count()


def recorded(page: Page, before: int, more: int) -> None:
    """So many sales more, now and after the page is asked for anew."""
    expect(page.locator("#sales tbody tr")).to_have_count(before + more)
    page.unroute_all()
    page.goto("/transactions")
    expect(page.locator("#sales tbody tr")).to_have_count(before + more)


def test_a_double_click_on_a_slow_server_records_one_sale(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    before = rows(page)
    held = Held(page, "**/transactions")
    page.get_by_role("button", name="Add").dblclick()
    held.open()
    expect(page.locator(".v-toast")).to_contain_text("Recorded")
    recorded(page, before, 1)


def test_a_double_click_without_script_records_one_sale(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions", java_script_enabled=False)
    before = rows(page)
    held = Held(page, "**/transactions")
    page.get_by_role("button", name="Add").dblclick(no_wait_after=True)
    held.open()
    expect(page.locator("#notices")).to_contain_text(re.compile("Recorded|done already"))
    recorded(page, before, 1)


def test_enter_twice_records_one_sale_and_enter_again_another(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    before = rows(page)
    held = Held(page, "**/transactions")
    page.get_by_label("Quantity", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    held.open()
    expect(page.locator("#sales tbody tr")).to_have_count(before + 1)
    page.get_by_label("Quantity", exact=True).press("Enter")
    recorded(page, before, 2)


def test_an_answer_that_was_lost_is_fetched_by_trying_again(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    before = rows(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/transactions", lose, times=1)
    page.get_by_role("button", name="Add").click()
    page.locator("#new-sale").get_by_role("button", name="Retry").click()
    recorded(page, before, 1)


def test_other_words_after_a_lost_answer_are_sent_on_purpose(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    before = rows(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/transactions", lose, times=1)
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#new-sale .v-unsent")).to_be_visible()
    with page.expect_response("**/transactions/preview*"):
        page.get_by_label("Quantity", exact=True).fill("2")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("saved after all")
    with page.expect_response("**/transactions/preview*"):
        page.get_by_label("Note", exact=True).fill("Order 7")
    expect(page.locator("#notices")).to_contain_text("saved after all")
    expect(page.get_by_label("Quantity", exact=True)).to_have_value("2")
    page.get_by_role("button", name="Add").click()
    recorded(page, before, 2)


def test_stopping_a_slow_page_and_sending_again_makes_no_second_offer(signed_in: Open) -> None:
    page = signed_in("admin", "/offers/new")

    def stop(route: Route) -> None:
        """The server does its work, and whoever waits for it presses Stop."""
        route.fetch(max_redirects=0)
        route.abort("aborted")

    page.route("**/offers", stop, times=1)
    page.get_by_label("Name", exact=True).fill("Toubkal")
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Create offer").click(no_wait_after=True)
    page.get_by_role("button", name="Create offer").click()
    expect(page).to_have_url(re.compile(r"/offers/\d+\?add=1"))
    expect(page.locator("#notices")).to_contain_text("That was done already, once.")
    page.goto("/offers")
    expect(page.get_by_role("link", name="Toubkal", exact=True)).to_have_count(1)


def test_going_back_to_a_sent_form_without_script_shows_what_was_recorded(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions", java_script_enabled=False)
    before = rows(page)
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#notices")).to_contain_text("Recorded")
    page.reload()
    page.go_back()
    expect(page.locator("#sales tbody tr")).to_have_count(before + 1)


def test_a_price_that_changed_meanwhile_is_asked_about_and_recorded_by_one_press(signed_in: Open) -> None:
    page, other = signed_in("admin", "/transactions"), signed_in("admin", "/offers/1")
    before = rows(page)
    with page.expect_response("**/transactions/preview*"):
        page.get_by_label("Offer", exact=True).select_option("1")
    expect(page.locator("#new-sale-worth input[name=previewed]")).to_have_value("1:1")
    cell = other.locator("[id$=-unit_sell]").first
    cell.dblclick()
    cell.fill("1234")
    cell.press("Enter")
    expect(other.locator("#announce")).to_contain_text("Saved")
    page.get_by_role("button", name="Add").click()
    told = page.locator("#new-sale-service_id-error")
    expect(told).to_contain_text("Record it at the new price?")
    assert rows(page) == before
    told.get_by_role("button").click()
    expect(page.locator("#sales tbody tr")).to_have_count(before + 1)
    expect(told).to_be_empty()


def test_two_who_save_the_same_setting_decide(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", "/settings"), signed_in("admin", "/settings")
    for page, name in ((theirs, "Theirs"), (mine, "Mine")):
        page.locator("#workspace-name").fill(name)
        page.locator("#workspace").get_by_role("button", name="Save", exact=True).click()
        if page is theirs:
            expect(page.locator("#brand-name")).to_have_text("Theirs")
    told = mine.locator("#workspace-name-error")
    expect(told).to_contain_text("Theirs Theirs, yours Mine.")
    expect(mine.locator("#workspace-name")).to_have_value("Mine")
    told.get_by_role("button", name="Keep Theirs").click()
    expect(mine.locator("#workspace-name")).to_have_value("Theirs")
    mine.locator("#workspace").get_by_role("button", name="Save", exact=True).click()
    expect(mine.locator("#announce")).to_have_text("Settings saved.")
    theirs.locator("#workspace-name").fill("Others")
    theirs.locator("#workspace").get_by_role("button", name="Save", exact=True).click()
    expect(theirs.locator("#brand-name")).to_have_text("Others")
    mine.locator("#workspace-name").fill("Mine")
    mine.locator("#workspace").get_by_role("button", name="Save", exact=True).click()
    told.get_by_role("button", name="Save Mine").click()
    expect(mine.locator("#brand-name")).to_have_text("Mine")


def test_two_who_change_the_same_user_decide(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", "/settings"), signed_in("admin", "/settings")
    field = "[aria-label='Name of viewer']"
    for page, name in ((theirs, "Karim A"), (mine, "Karim B")):
        page.locator(field).fill(name)
        page.locator(field).press("Enter")
        if page is theirs:
            expect(page.locator("#announce")).to_have_text("Saved.")
    told = mine.locator("#user-2-display_name-error")
    expect(told).to_contain_text("Theirs Karim A, yours Karim B.")
    told.get_by_role("button", name="Save Karim B").click()
    expect(mine.locator("#announce")).to_have_text("Saved.")
    mine.reload()
    expect(mine.locator(field)).to_have_value("Karim B")
    theirs.locator(field).fill("Karim C")
    theirs.locator(field).press("Enter")
    told = theirs.locator("#user-2-display_name-error")
    told.get_by_role("button", name="Keep Karim B").click()
    expect(theirs.locator(field)).to_have_value("Karim B")


def test_an_expense_is_removed_with_the_version_that_was_seen(signed_in: Open) -> None:
    mine, theirs = signed_in("admin", "/profit"), signed_in("admin", "/profit")
    amount = theirs.locator("#expense-1-amount")
    amount.dblclick()
    amount.fill("777")
    amount.press("Enter")
    expect(theirs.locator("#announce")).to_contain_text("Saved")
    mine.locator("#expense-1-more").click()
    mine.locator("#expense-1-remove").click()
    expect(mine.locator("#notices")).to_contain_text("admin changed this meanwhile")
    expect(mine.locator("#expense-1-amount")).to_have_value("777")
    mine.locator("#expense-1-more").click()
    mine.locator("#expense-1-remove").click()
    expect(mine.locator("#expense-1.is-gone")).to_have_count(1)
