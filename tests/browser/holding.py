"""What a page asks for, held back until a test has done what is to happen meanwhile, however long that takes it."""

import re
import time

from playwright.sync_api import Page, Route

PATIENCE_SECONDS = 20


class Held:
    """Whatever `page` asks of `address` waits here."""

    def __init__(self, page: Page, address: str | re.Pattern[str]) -> None:
        self._page = page
        self._waiting: list[Route] = []
        self._is_open = False
        page.route(address, self._came)

    def _came(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._waiting.append(route)

    def release(self) -> None:
        """Let go on what is here, once something is; a test that waits in vain fails here."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._waiting:
            assert time.monotonic() < until
            self._page.wait_for_timeout(10)
        self._go_on()

    def open(self) -> None:
        """Let go on what is here, and whatever comes later."""
        self._is_open = True
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting:
            self._waiting.pop(0).continue_()
