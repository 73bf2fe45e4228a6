"""How figures, months and moments are written for people, in the reader's language."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from vela import money
from vela.language import current_language, gettext, style
from vela.periods import Month

MINUS = "\u2212"
NOTHING = "\u2014"


def number(value: Decimal | int | None, places: int = 0) -> str:
    """`value` with `places` decimals, grouped, with a true minus sign; a dash for None."""
    if value is None:
        return NOTHING
    digits = f"{abs(money.rounded(Decimal(value), places)):,.{places}f}"
    text = digits.translate({ord(","): style().group, ord("."): style().mark})
    return MINUS + text if value < 0 and digits.strip("0.,") else text


def places(values: Iterable[Decimal | None]) -> int:
    """The decimals of a column: none if every value in it is whole, else two for all."""
    return 2 if any(value is not None and value != value.to_integral_value() for value in values) else 0


def amount(value: Decimal | None, decimals: int | None = None) -> str:
    """An amount in the currency of the books; without `decimals`, two unless it is whole."""
    return number(value, places([value]) if decimals is None else decimals)


def price(value: Decimal | None) -> str:
    """A unit price or a quantity: no decimals when whole, at least two when not, up to what it really has."""
    return number(value, 0 if value is None else _price_places(value))


def _price_places(value: Decimal) -> int:
    return max(2, money.places_of(value)) if money.places_of(value) else 0


def quantity(value: Decimal | int | None) -> str:
    """A quantity, with no more decimals than it has."""
    return number(value, 0 if value is None else money.places_of(Decimal(value)))


def percent(value: Decimal | None, decimals: int = 1) -> str:
    """A percentage with one decimal; a dash for None."""
    return NOTHING if value is None else f"{number(value, decimals)}{style().before_percent}%"


def month_long(month: Month) -> str:
    """November 2026."""
    return format_date(month.first_day, "MMMM 'de' y" if current_language() == "es" else "LLLL y", current_language())


def month_short(month: Month) -> str:
    """Nov 2026."""
    return format_date(month.first_day, "LLL y", current_language())


def month_tiny(month: Month, with_year: bool = False) -> str:
    """Nov, and Jan 26 in January or where the year has to be said."""
    return format_date(month.first_day, "LLL yy" if with_year or month.number == 1 else "LLL", current_language())


def with_currency(value: Decimal | None, currency: str) -> str:
    """An amount in a sentence: 4,000 MAD."""
    return f"{amount(value)}\u00a0{currency}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """20 Nov, where the books are kept."""
    return format_date(moment.astimezone(zone).date(), "d MMM", current_language())


def full_date(moment: datetime, zone: ZoneInfo) -> str:
    """20 Nov 2026."""
    return format_date(moment.astimezone(zone).date(), "d MMM y", current_language())


def time_of_day(moment: datetime, zone: ZoneInfo) -> str:
    """16:42."""
    return format_time(moment.astimezone(zone).time(), "HH:mm", locale=current_language())


def date_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """18 Nov 2026 at 16:42."""
    return gettext("%(date)s at %(time)s", date=full_date(moment, zone), time=time_of_day(moment, zone))
