"""From an empty installation to the first figure on the dashboard, with the keyboard alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDE, served
from tests.browser.looking import findings, layout
from vela.cli import main

OWN = "quiet river stone"
MOST_PRESSES = 25


@pytest.fixture
def given(tmp_path: Path) -> str:
    """The password that `vela init` prints for the first admin of new books."""
    made = CliRunner().invoke(main, ["init"], env={"VELA_DATA_DIR": str(tmp_path), "VELA_DATABASE_URL": ""})
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


@pytest.fixture
def page(browser: Browser, tmp_path: Path, given: str) -> Iterator[Page]:
    with served(tmp_path) as address, browser.new_context(base_url=address, **WIDE) as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("Username").fill("admin")
        page.locator("input[name=password]").fill(given)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator("#password-current_password, [name=current_password]").fill(given)
        page.locator("[name=new_password]").fill(OWN)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        yield page


class Keys:
    """Presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1

    def to(self, name: str) -> None:
        """Tab on until what has the focus is called so."""
        for _ in range(MOST_PRESSES):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.textContent.trim()") == name:
                return
        raise AssertionError(f"no way to {name!r}")

    def enter(self, name: str) -> None:
        self.to(name)
        self.press("Enter")


def test_three_steps_lead_from_nothing_to_a_figure(page: Page) -> None:
    expect(page.get_by_role("heading", name="These books are new")).to_be_visible()
    assert findings(page) + layout(page) == []
    keys = Keys(page)
    keys.enter("Skip to content")
    keys.enter("Use Atlas as a start")
    expect(page.get_by_role("heading", name="Step 2 of 3: check the prices")).to_be_visible()
    assert findings(page) + layout(page) == []
    keys.enter("Skip to content")
    keys.enter("The prices are right")
    expect(page.locator("#new-sale-service_id")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#sales tbody tr")).to_have_count(1)
    assert keys.presses <= MOST_PRESSES, keys.presses
    page.goto("/")
    revenue = page.get_by_role("region", name="Revenue")
    expect(revenue.locator(".val")).to_have_text("4,000")
    expect(page.get_by_role("heading", name="These books are new")).to_have_count(0)
