"""Every state a page can be in, reached in a real browser: no connection, a fault, waiting, kept, disputed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.grid import cell, shows, write
from tests.browser.holding import Held
from vela.db import Database
from vela.domain.people.models import SignIn

OFFER = "/offers/2"
UNSAVED = ".v-slot > .unsaved"


def end_sign_ins(folder: Path) -> None:
    """End every sign-in, as an admin would from elsewhere."""
    database = Database(f"sqlite:///{folder / 'vela.db'}")
    with database.transaction() as session:
        session.query(SignIn).delete()
    database.close()


def sign_in_again(page: Page, username: str, password: str) -> None:
    page.get_by_label("Username").fill(username)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/login"))
    page.wait_for_load_state()


def fail(page: Page, address: str | re.Pattern[str]) -> None:
    """Let the server fault, in its own words, whenever `address` is asked for."""
    body = (
        '<hx-partial hx-target="#notices"><div class="v-msg bad">The server reported a fault. Code abc123, '
        "14:02 UTC.</div></hx-partial>"
    )
    page.route(address, lambda route: route.fulfill(status=500, content_type="text/html", body=body))


def test_cells_wait_for_the_connection_and_are_sent_together(signed_in: Open) -> None:
    page = signed_in("admin", OFFER)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("You are offline.")
    write(page, "SSD (256GB)", "unit_cost", "444")
    expect(page.locator(UNSAVED)).to_contain_text("The server did not answer. Your change is kept here.")
    write(page, "Casing", "unit_cost", "222")
    page.get_by_label("List price", exact=True).fill("5 600")
    page.get_by_label("List price", exact=True).press("Enter")
    expect(page.locator(UNSAVED)).to_have_count(3)
    expect(page.locator("#offline")).to_contain_text("Waiting: 3.")
    page.get_by_role("heading", name="Components").click()  # a click elsewhere takes nothing away
    cell(page, "SSD (256GB)", "unit_cost").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#grid-rows td:focus-within").get_by_role("button", name="Retry")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(UNSAVED)).to_have_count(3)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.evaluate("location.assign('/offers')")  # leaving is asked about
    expect(cell(page, "Casing", "unit_cost")).to_have_value("222")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    shows(page, "cost", "3,066")
    shows(page, "gap", "−100")
    expect(page.locator(UNSAVED)).to_have_count(0)


def test_forms_say_that_nobody_answered_and_are_sent_again(signed_in: Open) -> None:
    page = signed_in("admin", "/transactions")
    page.route("**/transactions", lambda route: route.abort(), times=1)
    page.get_by_label("Note", exact=True).fill("for Amine")
    page.get_by_role("button", name="Add", exact=False).first.click()
    told = page.locator("#new-sale .v-unsent")
    expect(told).to_contain_text("The server did not answer. Your change is kept here.")
    expect(page.get_by_label("Note", exact=True)).to_have_value("for Amine")
    told.get_by_role("button", name="Retry").click()
    expect(page.locator("#toasts")).to_contain_text("Recorded")
    expect(told).to_have_count(0)

    for path, form, field, name, then in (
        ("/offers/new", "#offer-new", "#offer-new-name", "Create offer", r"/offers/\d+"),
        ("/settings", "#workspace", "#workspace-name", "Save", "/settings"),
        ("/profit", "#expense-new", "#expense-new-name", "Add expense", "/profit"),
    ):
        page.goto(path)
        page.locator(field).fill("Toubkal")
        page.context.set_offline(True)
        page.locator(form).get_by_role("button", name=name).click()
        expect(page.locator(f"{form} .v-unsent")).to_contain_text("Your change is kept here.")
        expect(page.locator(field)).to_have_value("Toubkal")
        page.context.set_offline(False)
        expect(page.locator("#offline")).to_be_hidden()
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.locator(f"{form} .v-unsent").get_by_role("button", name="Retry").click()
        expect(page.locator(f"{form} .v-unsent")).to_have_count(0)
        page.wait_for_url(re.compile(then))
    page.goto("/offers")
    expect(page.get_by_role("link", name="Toubkal", exact=True)).to_have_count(1)


def test_a_fault_is_said_where_it_happened_with_its_code(signed_in: Open) -> None:
    page = signed_in("admin", "/offers")
    fail(page, re.compile(r"/offers\?q="))
    page.get_by_label("Filter offers").fill("rif")
    told = page.locator("#offer-list > .v-msg.bad")
    expect(told).to_contain_text("The offers could not be loaded. The server reported a fault. Code abc123, 14:02 UTC.")
    page.unroute_all()
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("#offer-rows > tr")).to_have_count(2)
    expect(told).to_have_count(0)

    fail(page, "**/parts")
    page.locator("[data-expand]").first.click()
    told = page.locator("#offer-rows .v-msg")
    expect(told).to_contain_text("could not be loaded. The server reported a fault. Code abc123")
    page.unroute_all()
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("#offer-rows .v-inset")).to_be_visible()
    expect(told).to_have_count(0)

    page.goto(OFFER)
    fail(page, "**/components/*")
    write(page, "Casing", "unit_cost", "222")
    expect(page.locator(UNSAVED)).to_contain_text("Code abc123")
    page.unroute_all()
    page.locator(UNSAVED).get_by_role("button", name="Retry").click()
    shows(page, "cost", "3,022")


def test_what_takes_long_shows_that_it_is_under_way(signed_in: Open) -> None:
    page = signed_in("admin", "/offers")
    held = Held(page, re.compile(r"/offers\?q=|/parts|\d/what-if|/profit\?month="))
    page.get_by_label("Filter offers").fill("atl")
    expect(page.locator("#offer-list.is-loading[aria-busy=true]")).to_be_visible()
    held.release()
    expect(page.locator("#offer-list[aria-busy]")).to_have_count(0)
    page.locator("[data-expand]").first.click()
    expect(page.locator("tr.v-parts.is-loading")).to_be_visible()
    expect(page.locator("[data-expand]").first).to_be_disabled()
    held.release()
    expect(page.locator("tr.v-parts.is-loading")).to_have_count(0)
    expect(page.locator("[data-expand]").first).to_be_focused()

    page.goto(OFFER)
    page.locator("#what-if-cost").press("ArrowRight")
    expect(page.locator("#what-if-out.is-loading")).to_be_visible()
    held.release()
    expect(page.locator("#what-if-out[aria-busy]")).to_have_count(0)

    page.goto("/profit")
    page.evaluate(  # nothing can be asked of a page that is about to go
        """() => new MutationObserver(() => console.log('busy', document.getElementById('main').ariaBusy))
            .observe(document.getElementById('main'), { attributeFilter: ['aria-busy'] })"""
    )
    with page.expect_console_message(lambda message: message.text == "busy true"):
        page.get_by_role("link", name="Previous month").click(no_wait_after=True)
    held.release()
    expect(page).to_have_url(re.compile("month="))


def test_what_was_typed_outlives_the_sign_in(signed_in: Open, tmp_path: Path) -> None:
    page = signed_in("admin", OFFER)
    end_sign_ins(tmp_path)
    write(page, "SSD (256GB)", "unit_cost", "444")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.locator("#ended")).to_contain_text("What you had typed is kept in this tab and offered again.")
    sign_in_again(page, "admin", "admin123")
    offered = page.locator("#main > .v-msg", has_text="You had typed:")
    expect(offered).to_contain_text("Unit cost, SSD (256GB): 444.")
    offered.get_by_role("button", name="Put it back").click()
    expect(page.locator(UNSAVED)).to_contain_text("Put back, not saved yet. Stored now: 400.")
    page.locator(UNSAVED).get_by_role("button", name="Save").click()
    shows(page, "cost", "3,044")
    page.reload()
    expect(offered).to_have_count(0)

    page.goto("/transactions")
    page.get_by_label("Note", exact=True).fill("for Amine")
    end_sign_ins(tmp_path)
    page.get_by_role("link", name="Previous month").click()
    sign_in_again(page, "admin", "admin123")
    page.goto("/transactions")
    offered.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Note", exact=True)).to_have_value("for Amine")
    end_sign_ins(tmp_path)
    page.reload()
    sign_in_again(page, "viewer", "viewer123")  # somebody else in the same tab
    page.goto("/transactions")
    expect(page.locator("main h1")).to_be_visible()
    expect(offered).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_a_form_of_its_own_outlives_the_sign_in_but_passwords_do_not(signed_in: Open, tmp_path: Path) -> None:
    page = signed_in("admin", "/settings")
    page.locator("#user-new-username").fill("omar")
    page.locator("#user-new-password").fill("a very long secret")
    page.locator("#user-new").get_by_role("button", name="Show password").click()  # plain text now, and still a secret
    end_sign_ins(tmp_path)
    page.locator("#user-new").get_by_role("button", name="Add user").click()
    expect(page).to_have_url(re.compile("/login"))
    assert "omar" in page.evaluate("JSON.stringify(sessionStorage)")
    assert "secret" not in page.evaluate("JSON.stringify(sessionStorage)")
    sign_in_again(page, "admin", "admin123")
    offered = page.locator("#main > .v-msg", has_text="You had typed:")
    expect(offered).to_contain_text("Username: omar.")
    offered.get_by_role("button", name="Discard").click()
    assert page.evaluate("sessionStorage.length") == 0

    page.goto("/offers/new")
    page.locator("#offer-new-name").fill("Toubkal")
    end_sign_ins(tmp_path)
    page.get_by_role("button", name="Create offer").click()
    sign_in_again(page, "admin", "admin123")
    expect(page).to_have_url(re.compile("/offers/new"))
    offered.get_by_role("button", name="Put it back").click()
    expect(page.locator("#offer-new-name")).to_have_value("Toubkal")
    page.get_by_role("button", name="Create offer").click()
    expect(page).to_have_url(re.compile(r"/offers/\d+\?add=1"))
    page.goto("/offers/new")
    expect(page.locator("#offer-new-name")).to_have_value("")
    expect(offered).to_have_count(0)
    page.locator("#offer-new-name").fill("Siroua")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").first.click()
    expect(page).to_have_url(re.compile("/login"))
    assert page.evaluate("sessionStorage.length") == 0


def test_removed_things_stay_struck_through_while_they_can_be_taken_back(signed_in: Open) -> None:
    page = signed_in("admin", "/profit")
    page.locator("#expense-1-more").click()
    page.locator("#expense-1-remove").click()
    gone = page.locator("tr.is-gone")
    expect(gone).to_contain_text("Removed:")
    expect(page.locator("#opex")).to_have_text("0")
    page.locator(".v-toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#expense-1-amount")).to_have_value("800")
    expect(gone).to_have_count(0)

    page.goto("/transactions")
    first = page.locator("#sales tbody tr").first
    rows, total = page.locator("#sales tbody tr").count(), page.locator("#sales tfoot").inner_text()
    first.locator("[id$=-void]").click()
    expect(page.locator("#sales tbody tr").first).to_have_class("is-gone")
    expect(page.locator("#sales tfoot")).not_to_have_text(total)
    page.locator(".v-toast").get_by_role("button", name="Dismiss").click()
    expect(gone).to_have_count(0)
    expect(page.locator("#sales tbody tr")).to_have_count(rows - 1)
    page.locator(".v-chip", has_text="Voided").click()
    page.get_by_role("button", name="Count again").click()
    expect(page.locator("#toasts")).to_contain_text("Counts again")


@pytest.mark.parametrize("keep", [True, False])
def test_theirs_and_yours_can_both_be_chosen(signed_in: Open, keep: bool) -> None:
    mine, theirs = signed_in("admin", OFFER), signed_in("admin", OFFER)
    for page, price in ((theirs, "5 600"), (mine, "5 500")):
        page.get_by_label("List price", exact=True).fill(price)
        page.get_by_label("List price", exact=True).press("Enter")
        if page is theirs:
            shows(page, "gap", "−100")
    told = mine.locator("#offer-2-list_sell-error")
    expect(told).to_contain_text("Theirs 5,600, yours 5,500.")
    told.get_by_role("button", name="Keep 5,600" if keep else "Save 5,500").click()
    expect(told.locator(".con")).to_have_count(0)
    shows(mine, "gap", "−100" if keep else "−200")
    for page in (mine, theirs):
        page.goto("/profit")
    for page, amount in ((theirs, "900"), (mine, "950")):
        page.locator("#expense-1-amount").dblclick()
        page.keyboard.type(amount)
        page.keyboard.press("Enter")
        if page is theirs:
            expect(page.locator("#opex")).to_have_text("900")
    told = mine.locator("#expense-1-amount-error")
    told.get_by_role("button", name="Keep 900" if keep else "Save 950").click()
    expect(mine.locator("#expense-1-amount")).to_have_value("900" if keep else "950")
    expect(told.locator(".con")).to_have_count(0)


def test_a_closed_month_says_what_can_be_done_instead(signed_in: Open) -> None:
    page = signed_in("admin", "/profit/months/2026-10/close")
    page.get_by_label("Reason").fill("Handed in")
    page.get_by_role("button", name="Close October 2026").click()
    expect(page.locator("#closing")).to_contain_text("October 2026 is closed")
    page.goto("/transactions?month=2026-10")
    assert page.locator("#new-sale").count() == 0
    expect(page.locator("main")).to_contain_text("October 2026 is closed")
    reopen = page.locator("main").get_by_role("link", name="Reopen")
    expect(reopen).to_have_attribute("href", re.compile("2026-10/reopen"))
    page.goto("/profit?month=2026-10")
    page.locator("#expense-1-amount").dblclick()
    page.keyboard.type("950")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="New amount from a month on").click()
    expect(page.locator("#expense-1-from-amount")).to_be_focused()
    expect(page.locator("#expense-1-from-amount")).to_have_value("950")
    expect(page.locator("#expense-1-from-month")).to_have_value("2026-11")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("is 950 from Nov 2026 on")


def test_a_viewer_is_told_in_place(signed_in: Open) -> None:
    page = signed_in("viewer", "/settings", **PHONE)
    expect(page.get_by_role("heading", name="Only for admins")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Here an admin names the workspace")
    page.locator("main").get_by_role("link", name="Dashboard").click()
    expect(page.locator("main h1")).to_be_visible()
    page.goto(OFFER)
    assert page.locator("#grid input").count() == 0
    expect(page.locator("main")).to_contain_text("You can look but not change prices. An admin can.")


def test_pages_follow_what_the_system_asks_for(signed_in: Open) -> None:
    page = signed_in("admin", OFFER, color_scheme="light")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(color_scheme="dark")  # live, while nothing else was chosen
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    write(page, "Casing", "unit_cost", "222")
    saved = page.locator(".v-slot > .v-saved")
    expect(saved).to_be_visible()
    assert saved.evaluate("el => getComputedStyle(el, '::after').animationDuration") == "2s"
    page.emulate_media(color_scheme="dark", forced_colors="active")
    place = cell(page, "Casing", "unit_cost")
    place.focus()
    assert place.evaluate("el => getComputedStyle(el).outlineStyle") == "solid"
    page.emulate_media(color_scheme="dark", forced_colors="none", media="print")
    expect(html).to_have_attribute("data-bs-theme", "light")
    for hidden in (".v-side", ".v-top", ".v-actions", "#add-component", "#grid-rows summary"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator("#grid-rows tr")).to_have_count(9)
    page.emulate_media(color_scheme="dark", media="screen")
    expect(html).to_have_attribute("data-bs-theme", "dark")
