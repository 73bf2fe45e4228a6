"""At length: the present month at every hour of eleven years in twelve time zones, beside what the C library says."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
import time_machine

from tests.long.conftest import Tell, times
from vela.clock import today
from vela.periods import Month

ZONES = (
    "Africa/Casablanca", "Africa/Cairo", "America/New_York", "America/St_Johns", "Asia/Dubai", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Etc/GMT+12", "Europe/Dublin", "Europe/Moscow", "Pacific/Chatham", "Pacific/Kiritimati",
)  # fmt: skip
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 12, 31, 23, tzinfo=UTC)


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """A time zone, which the C library takes for its own while the test lasts."""
    if not Path("/usr/share/zoneinfo", request.param).exists():
        pytest.skip("No time zones of the system: the C library cannot be asked. On Debian: apt install tzdata.")
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def test_every_hour(zone: str, tell: Tell) -> None:
    hours = list(islice(every_hour(), times("VELA_PROVE_HOURS", 10**6)))
    with time_machine.travel(FIRST.timestamp(), tick=False) as clock:
        for hour in hours:
            clock.move_to(hour.timestamp())
            local = time.localtime(hour.timestamp())
            assert Month.of(today(zone)) == Month(local.tm_year, local.tm_mon), hour
    tell(f"Every hour, {zone}", f"{len(hours):,} hours from {FIRST:%Y} to {LAST:%Y}: 0 in the wrong month")


def every_hour() -> Iterator[datetime]:
    hour = FIRST
    while hour <= LAST:
        yield hour
        hour += timedelta(hours=1)
