"""Takes the pictures of the README from a running demo: `make run`, then `.venv/bin/python tools/screenshots.py`."""

import argparse
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from vela.seeding import DEMO_USERS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
BROWSERS = (os.environ.get("VELA_TEST_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
STILL_MS = 1500  # charts and fading messages have come to rest


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it; a picture of a phone shows one screen, any other the whole page."""

    name: str
    path: str
    theme: Literal["dark", "light"] = "dark"
    width: int = 1440
    height: int = 900
    signed_in: bool = True
    locale: str = "en-GB"
    search: str = ""
    """What is typed into the palette, which is then part of the picture."""

    @property
    def phone(self) -> bool:
        return self.width < 768


PICTURES = (
    Picture("login", "/login", signed_in=False),
    Picture("dashboard", "/"),
    Picture("offers", "/offers"),
    Picture("offer", "/offers/2"),
    Picture("transactions", "/transactions"),
    Picture("profit", "/profit"),
    Picture("profit-quarters", "/profit?by=quarter"),
    Picture("palette", "/offers", search="rif"),
    Picture("dashboard-russian", "/", locale="ru-RU"),
    Picture("offer-light", "/offers/2", theme="light"),
    Picture("dashboard-phone", "/", width=390, height=844),
    Picture("offer-phone", "/offers/2", width=390, height=844),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8788", help="of the demo")
    parser.add_argument("--into", type=Path, default=FOLDER, help="the folder of the pictures")
    chosen = parser.parse_args()
    chosen.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        for picture in PICTURES:
            with _looking(browser, picture, chosen.address) as page:
                _take(page, picture, chosen.address, chosen.into / f"{picture.name}.png")
        browser.close()


def find_browser() -> str:
    found = next(filter(None, map(shutil.which, filter(None, BROWSERS))), None)
    if found is None:
        raise SystemExit("No Chromium. On Debian: apt install chromium, or set VELA_TEST_CHROMIUM.")
    return found


@contextmanager
def _looking(browser: Browser, picture: Picture, address: str) -> Generator[Page]:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=2 if picture.phone else 1,
        color_scheme=picture.theme,
        has_touch=picture.phone,
        locale=picture.locale,
    )
    page = context.new_page()
    if picture.signed_in:
        sign_in(page, address)
    yield page
    context.close()


def sign_in(page: Page, address: str) -> None:
    admin = DEMO_USERS[0]
    page.goto(f"{address}/login")
    page.locator("[name=username]").fill(admin["username"])
    page.locator("[name=password]").fill(admin["password"])
    with page.expect_navigation():
        page.locator("form [type=submit]").last.click()


def _take(page: Page, picture: Picture, address: str, path: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    answer = page.goto(address + picture.path, wait_until="networkidle")
    page.wait_for_timeout(STILL_MS)
    if answer is None or not answer.ok or not page.url.endswith(picture.path) or complaints:
        raise SystemExit(f"{picture.path} ended at {page.url}: {complaints or answer}")
    if not picture.phone:
        _show_all(page, picture)
    if picture.search:
        page.keyboard.press("Control+k")
        page.locator("#palette-q").fill(picture.search)
        page.wait_for_timeout(STILL_MS)
    page.screenshot(path=path)
    print(f"{path.name}: {page.title()}")


def _show_all(page: Page, picture: Picture) -> None:
    """Make the window as tall as the page, so that the side bar reaches down to its end."""
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": picture.width, "height": max(picture.height, int(tall))})
    page.wait_for_timeout(STILL_MS)


if __name__ == "__main__":
    main()
