"""Webhooks as their owner lives with them: added, heard, failing, sent again, changed by two, and without script."""

import base64
import hmac
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, served
from tests.browser.looking import findings, layout
from tests.delivering.receiver import Received, Receiver, answers, receiving
from vela.db import Database
from vela.delivering.courier import Courier
from vela.domain.notifying import schedule
from vela.domain.notifying.models import Webhook
from vela.sealing import Sealer
from vela.settings import Settings

PAGE = "/settings/webhooks"


@pytest.fixture
def server(demo_file: Path, tmp_path: Path) -> Iterator[str]:
    """A Vela whose webhooks may reach this machine, with its courier at work."""
    shutil.copy(demo_file, tmp_path / "vela.db")
    with served(tmp_path, VELA_WEBHOOKS_PRIVATE="1") as address:
        settings = Settings.from_environment({"VELA_DATA_DIR": str(tmp_path)})
        database = Database(settings.database_url)
        courier = Courier(database, Sealer(settings.secret()), private=True, every=0.1)
        courier.start()
        yield address
        courier.stop(5)
        database.close()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def add(page: Page, there: Receiver) -> str:
    """A webhook, added by hand; its secret."""
    page.goto(PAGE)
    page.get_by_label("Address").fill(there.address)
    page.get_by_role("button", name="Add webhook").click()
    return page.locator("#secret").inner_text()


def is_signed(came: Received, secret: str) -> bool:
    signed = f"{came.name}.{came.headers['webhook-timestamp']}.{came.body}".encode()
    right = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    return f"v1,{base64.b64encode(right).decode()}" in came.headers["webhook-signature"].split()


def test_from_adding_one_to_sending_an_event_again(
    signed_in: Open, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "DELAYS", (schedule.DELAYS[0] / 20, *schedule.DELAYS[1:]))
    monkeypatch.setattr(schedule, "LEAST_BREATH", schedule.DELAYS[0])
    there.act = answers(500, "<b>not now</b>")
    page = signed_in("admin", PAGE)
    expect(page.get_by_text("No webhooks. With one")).to_be_visible()
    secret = add(page, there)
    expect(page.get_by_text("No webhooks. With one")).to_be_hidden()
    page.get_by_role("link", name="Then send a ping").click()
    expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
    offer = page.context.new_page()
    offer.goto("/offers/2")
    offer.locator("#grid-rows input[name=unit_cost]").first.dblclick()
    offer.keyboard.press("Control+a")
    offer.keyboard.type("777")
    offer.keyboard.press("Enter")
    there.wait_for(2)
    first, again = there.came[:2]
    assert first.told["type"] == "service.price_changed"
    assert (first.name, first.body) == (again.name, again.body)
    assert is_signed(first, secret)
    assert is_signed(again, secret)
    page.reload()
    row = page.locator("#delivery-rows li").first
    expect(row).to_contain_text("Price changed")
    expect(row).to_contain_text("2 attempts · answered 500 · next attempt")
    expect(page.locator("#webhook-state")).to_contain_text("Nothing has arrived since")
    row.locator("summary").click()
    expect(row.get_by_label("Answer")).to_have_text("<b>not now</b>")
    there.act = answers(204)
    row.get_by_role("button", name="Send again").click()
    there.wait_for(3)
    expect(row).to_contain_text("Delivered")
    expect(row.get_by_label("Body")).to_be_visible()
    expect(page.locator("#webhook-state")).to_contain_text("What happens is sent within a second or two.")
    assert there.came[2].name == first.name
    page.get_by_role("button", name="Send a ping").click()
    expect(page.locator("#delivery-rows li")).to_have_count(2)
    expect(page.locator("#delivery-rows li").first).to_contain_text("Delivered")
    expect(page.locator("#webhook-watch[hx-get]")).to_have_count(0)


def test_a_change_can_be_undone_and_the_second_of_two_decides(signed_in: Open, there: Receiver) -> None:
    page = signed_in("admin", PAGE)
    add(page, there)
    page.goto(f"{PAGE}/1")
    other = page.context.new_page()
    other.goto(f"{PAGE}/1")
    page.get_by_label("Sale recorded").uncheck()
    page.get_by_label("Address").fill(f"{there.address}/first")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text(f"{there.address}/first")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text(there.address)
    expect(page.get_by_label("Sale recorded")).to_be_checked()
    page.get_by_label("Address").fill(f"{there.address}/second")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"{there.address}/second")
    other.get_by_label("Address").fill(f"{there.address}/mine")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator("#webhook-address-error")).to_contain_text(f"Theirs {there.address}/second")
    other.get_by_role("button", name=f"Save {there.address}/mine").click()
    expect(other.locator("h1")).to_have_text(f"{there.address}/mine")
    other.get_by_role("button", name="Turn off").click()
    expect(other.get_by_role("button", name="Turn on")).to_be_visible()
    other.get_by_role("button", name="Undo").last.click()
    expect(other.get_by_role("button", name="Send a ping")).to_be_visible()
    other.locator("summary", has_text="Remove webhook").click()
    other.locator("#webhook-remove button").click()
    expect(other.get_by_text("The webhook is removed.")).to_be_visible()


def test_without_script(signed_in: Open, there: Receiver) -> None:
    page = signed_in("admin", PAGE, java_script_enabled=False)
    add(page, there)
    expect(page.locator("h1")).to_have_text(there.address)
    page.get_by_role("button", name="Send a ping").click()
    expect(page.get_by_text("A ping is on its way.")).to_be_visible()
    there.wait_for(1)
    page.get_by_label("Address").fill(f"{there.address}/elsewhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The webhook is changed.")).to_be_visible()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("The webhook is off.")).to_be_visible()
    page.locator("summary", has_text="Remove webhook").click()
    page.locator("#webhook-remove button").click()
    expect(page.get_by_text("The webhook is removed.")).to_be_visible()


@pytest.mark.parametrize(("theme", "size"), [("dark", PHONE), ("light", {})])
def test_the_page_of_one_is_usable_by_everybody(
    signed_in: Open, there: Receiver, tmp_path: Path, theme: str, size: dict[str, Any]
) -> None:
    there.act = answers(307, "x" * 1900, Location="/elsewhere")
    page = signed_in("admin", PAGE, color_scheme=theme, **size)
    add(page, there)
    assert findings(page) == []
    page.goto(f"{PAGE}/1")
    for _each in range(2):
        page.get_by_role("button", name="Send a ping").click()
    expect(page.locator("#delivery-rows")).to_contain_text("enter the address at which it ends")
    for each in page.locator("details summary").all():
        each.click()
    assert findings(page) == []
    database = Database(f"sqlite:///{tmp_path}/vela.db")
    with database.transaction() as session:
        session.get_one(Webhook, 1).off = "failing"
    database.close()
    page.set_extra_http_headers({"Accept-Language": "ru"})
    for width in (320, 390, 768, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{PAGE}/1")
        assert layout(page) == [], width
    assert findings(page) == []
