"""The doors in a real browser: asking again without a loss, a second factor, and nothing left after signing out."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

from tests.browser.conftest import PASSWORDS, PHONE, WIDE, Open
from vela.db import Database


@pytest.fixture
def long_ago(tmp_path: Path, server: str) -> Callable[[], None]:
    """Makes it a while since anybody gave their password."""

    def forget() -> None:
        database = Database(f"sqlite:///{tmp_path / 'vela.db'}")
        with database.engine.execution_options(vela_writes=True).begin() as connection:
            connection.exec_driver_sql("UPDATE sign_ins SET confirmed_at = '2020-01-01 00:00:00.000000'")
        database.close()

    return forget


def confirm(page: Page, password: str = PASSWORDS["admin"]) -> None:
    page.get_by_role("textbox", name="Your password").fill(password)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_dialog_asks_for_the_password_and_the_form_goes_on(
    signed_in: Open, long_ago: Callable[[], None], size: dict[str, object]
) -> None:
    page = signed_in("admin", "/account", **size)
    long_ago()
    page.get_by_label("What it is for").fill("Backup script")
    page.get_by_role("button", name="Create token").click()
    confirm(page, "not the password")
    expect(page.locator("#confirm-password-error")).to_contain_text("That is not your current password.")
    confirm(page)
    expect(page.locator("#secret")).to_contain_text("vela_pat_")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_choice_that_is_given_up_goes_back_and_one_that_is_confirmed_is_saved(
    signed_in: Open, long_ago: Callable[[], None]
) -> None:
    page = signed_in("admin", "/settings")
    long_ago()
    role = page.get_by_label("Role of viewer")
    role.select_option("admin")
    page.get_by_role("button", name="Cancel").click()
    expect(role).to_have_value("viewer")
    expect(role).to_be_focused()
    role.select_option("admin")
    confirm(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Role of viewer")).to_have_value("admin")


def test_a_second_factor_is_set_up_and_asked_for(signed_in: Open) -> None:
    page = signed_in("admin", "/account")
    page.get_by_role("button", name="Set up a second factor").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("Code that the app shows now").fill(TOTP(secret).at(time.time()))
    page.get_by_role("button", name="Turn on").click()
    code = page.locator("#recovery-codes").inner_text().split()[0]
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("admin")
    page.locator("input[name=password]").fill(PASSWORDS["admin"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Main", exact=True)).to_be_visible()  # both doors have a heading of their own
    page.goto("/account")
    expect(page.get_by_text("9 recovery codes are left")).to_be_visible()


def test_back_after_signing_out_shows_nothing_and_nothing_is_stored(signed_in: Open) -> None:
    page = signed_in("admin", "/account")
    page.goto("/profit")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    assert "token" not in {cookie.get("name") for cookie in page.context.cookies()}
