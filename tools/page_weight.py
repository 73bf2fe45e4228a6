"""Weighs the pages of a running demo, cold, in Chromium: `make run`, then `.venv/bin/python -m tools.page_weight`."""

import argparse
import gzip
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Response, sync_playwright

from tools.screenshots import QUIET, find_browser, sign_in

PAGES = (
    *("/login", "/", "/offers", "/offers/2", "/offers/2/history", "/transactions", "/profit"),
    *("/help", "/settings", "/account"),
)


@dataclass
class Weight:
    """What a page asks for, in bytes as a proxy that compresses would send them."""

    path: str
    requests: int = 0
    html: int = 0
    own_script: int = 0
    all_script: int = 0
    style: int = 0
    other: int = 0
    seen: set[str] = field(default_factory=set[str])

    def add(self, response: Response) -> None:
        address = urlsplit(response.url).path
        if response.status != 200 or address in self.seen:
            return
        self.seen.add(address)
        self.requests += 1
        body = response.body()
        size = len(gzip.compress(body, 9)) if not address.endswith((".woff2", ".png")) else len(body)
        match response.request.resource_type:
            case "document":
                self.html += size
            case "script":
                self.all_script += size
                self.own_script += size if "/vendor/" not in address else 0
            case "stylesheet":
                self.style += size
            case _:
                self.other += size

    def row(self) -> str:
        sizes = (self.html, self.own_script, self.all_script, self.style, self.other)
        total = self.html + self.all_script + self.style + self.other
        cells = (f"`{self.path}`", str(self.requests), *(f"{size / 1000:.1f}" for size in (*sizes, total)))
        return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8788", help="of the demo")
    chosen = parser.parse_args()
    print("| page | requests | HTML | own script | all script | style | icons and fonts | together, kB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        for path in PAGES:
            print(weigh(browser, chosen.address, path).row())
        browser.close()


def weigh(browser: Browser, address: str, path: str) -> Weight:
    """One page in a browser that has seen nothing but the sign-in."""
    signed_in = browser.new_context(base_url=address)
    if path != "/login":
        sign_in(signed_in.new_page(), address)
    fresh = browser.new_context(base_url=address, storage_state=signed_in.storage_state())
    page, weight = fresh.new_page(), Weight(path)
    page.on("response", weight.add)
    page.goto(path, wait_until="networkidle")
    for context in (fresh, signed_in):
        context.close()
    return weight


if __name__ == "__main__":
    main()
