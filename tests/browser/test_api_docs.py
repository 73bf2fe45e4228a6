"""The page that documents the API: it renders under the strict policy, lists every call, and tries one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDE


@pytest.fixture
def page(browser: Browser, server: str, complaints: list[str]) -> Iterator[Page]:
    """The documentation as a stranger opens it; whatever the browser says there is a complaint."""
    context = browser.new_context(base_url=server, **WIDE)
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto("/api/docs")
    yield opened
    context.close()


def test_it_lists_every_call_and_tries_one(page: Page) -> None:
    document = page.request.get("/api/openapi.json").json()
    told = [*document["paths"].values(), *document["webhooks"].values()]
    expect(page.locator(".opblock")).to_have_count(sum(len(item) for item in told), timeout=20_000)
    expect(page.get_by_text("OAS 3.1")).to_be_visible()
    health = page.locator("#operations-Health-get_health")
    health.locator(".opblock-summary-control").click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()
    expect(health.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200", timeout=10_000)
    expect(health.locator(".live-responses-table tbody .response-col_description")).to_contain_text('"status": "ok"')
