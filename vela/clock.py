"""What time it is: instants in UTC, days in the time zone of the books."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """The present day where the books are kept; `time_zone` is an IANA name such as Africa/Casablanca."""
    return now().astimezone(ZoneInfo(time_zone)).date()
