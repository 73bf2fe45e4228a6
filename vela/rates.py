"""How many calls one caller gets in a minute, and what is left of them: counted by each process for itself."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vela.errors import TooMany
from vela.language import ngettext

WINDOW = 60
NAME = '"default"'


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of `most` calls in a window `left` may follow; the next window begins in `seconds`."""

    most: int
    left: int
    seconds: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the IETF's draft (RateLimit header fields for HTTP)."""
        return {
            "RateLimit-Policy": f"{NAME};q={self.most};w={WINDOW}",
            "RateLimit": f"{NAME};r={self.left};t={self.seconds}",
        }

    def require(self) -> None:
        """Raises TooMany (data: `retry_after`, in seconds) when there was nothing left."""
        if not self.is_over:
            return
        words = ngettext(
            "That was too many calls in a minute. Wait %(count)d second, then go on.",
            "That was too many calls in a minute. Wait %(count)d seconds, then go on.",
            self.seconds,
        )
        raise TooMany("too_many_calls", words, retry_after=self.seconds, limit=self.most)


class Rates:
    """Counts the calls of each caller, in windows that begin with their first; `most` of 0 counts nothing.

    `clock` tells seconds that never go back.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._guard = threading.Lock()
        self._calls: dict[str, tuple[float, int]] = {}
        self._swept = clock()

    def take(self, caller: str) -> Allowance | None:
        """Count a call; None when there is no limit. One that was refused is not counted."""
        if not self._most:
            return None
        with self._guard:
            now = self._clock()
            self._forget(now)
            began, calls = self._calls.get(caller, (now, 0))
            if now - began >= WINDOW:
                began, calls = now, 0
            is_over = calls >= self._most
            calls = calls if is_over else calls + 1
            self._calls[caller] = began, calls
        seconds = math.ceil(began + WINDOW - now)  # nosemgrep: money-as-binary-fraction seconds, and no money
        return Allowance(self._most, self._most - calls, seconds, is_over)

    def _forget(self, now: float) -> None:
        """Once in a window, forget whoever did not come back."""
        if now - self._swept >= WINDOW:
            self._swept = now
            self._calls = {who: seen for who, seen in self._calls.items() if now - seen[0] < WINDOW}
