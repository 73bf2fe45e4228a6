"""When an event that did not arrive is sent again, as the Standard Webhooks specification suggests."""

from datetime import timedelta
from secrets import SystemRandom

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
SPREAD = 0.1
"""By how much of itself a delay is made shorter or longer, so that what failed together does not come back together."""
MOST_ATTEMPTS = len(DELAYS) + 1
LONGEST_WAIT = timedelta(hours=24)
LONGEST_REST = timedelta(hours=1)
SHORT_REST = timedelta(minutes=1)
LEAST_BREATH, MOST_BREATH = timedelta(seconds=5), timedelta(minutes=5)
TOO_MANY_REQUESTS = 429

_random = SystemRandom()


def pause_after(step: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many attempts that failed, the last of which `asked` for a while; None to give up."""
    if step >= MOST_ATTEMPTS:
        return None
    pause = DELAYS[step - 1] * _random.uniform(1 - SPREAD, 1 + SPREAD)
    return max(pause, min(asked or timedelta(), LONGEST_WAIT))


def rest_after(status: int | None, asked: timedelta | None, failing_for: timedelta) -> timedelta:
    """For how long nothing at all is sent to an address that just failed, for the first time so long ago.

    What waits for an address that is down is not burnt on it one event after the other, and nobody else waits for it.
    """
    breath = min(max(failing_for / 10, LEAST_BREATH), MOST_BREATH)
    if asked is not None:
        return max(min(asked, LONGEST_REST), breath)
    return max(breath, SHORT_REST) if status == TOO_MANY_REQUESTS else breath
