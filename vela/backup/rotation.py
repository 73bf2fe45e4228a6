"""Which backups are kept: those of a day, and the newest of each of seven days, five weeks and twelve months."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAYS, WEEKS, MONTHS = 7, 5, 12
ALL_OF = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup as the rule sees it: its name, when it was made, whether it is verified."""

    name: str
    made_at: datetime
    verified: bool


def surplus(backups: Iterable[Kept]) -> list[Kept]:
    """The backups that may be removed.

    Of the verified ones stay: those made within a day of the newest, and the newest of each of the last 7 days, 5 weeks
    and 12 months (in UTC) that have any. One that is not verified fills no such place; it is removed when verified ones
    of 7 newer days are there. The newest always stays.
    """
    found = sorted(backups, key=lambda each: (each.made_at, each.name), reverse=True)
    verified = [each for each in found if each.verified]
    stay = {each.name for each in found if found[0].made_at - each.made_at <= ALL_OF}
    for period, most in ((_day, DAYS), (_week, WEEKS), (_month, MONTHS)):
        stay |= {each.name for each in _newest_of_each(verified, period)[:most]}
    days = _newest_of_each(verified, _day)
    proven = days[DAYS - 1].made_at if len(days) >= DAYS else datetime.min.replace(tzinfo=UTC)
    stay |= {each.name for each in found if not each.verified and each.made_at >= proven}
    return [each for each in found if each.name not in stay]


def _newest_of_each(backups: Sequence[Kept], period: Callable[[datetime], object]) -> list[Kept]:
    """The first of each period in `backups`, which come newest first."""
    first: dict[object, Kept] = {}
    for each in backups:
        first.setdefault(period(each.made_at.astimezone(UTC)), each)
    return list(first.values())


def _day(at: datetime) -> object:
    return at.date()


def _week(at: datetime) -> object:
    return at.isocalendar()[:2]


def _month(at: datetime) -> object:
    return at.year, at.month
