"""How figures, months and moments are written for people, in the reader's language; see each filter."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import Flask, g
from markupsafe import Markup

from vela import clock, money
from vela.blueprints.web import answers, bundles, ids, once
from vela.language import NAMES, current_language, gettext, ngettext, pgettext, style
from vela.periods import Month

MINUS = "\u2212"
NOTHING = "\u2014"
MANY = 10_000_000


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


def headline(value: Decimal | None) -> str:
    """An amount in large type: 53,100 or, from ten million on, 12.4 M."""
    if value is None or abs(value) < MANY:
        return amount(value)
    return gettext("%(millions)s M", millions=number(value / 1_000_000, 1))


def signed(value: Decimal | None) -> str:
    """An amount with its sign, for changes; zero has none."""
    return _plus(value) + amount(value)


def points(value: Decimal) -> str:
    """A difference of two percentages."""
    return gettext("%(points)s pt", points=number(value, 1))


def signed_points(value: Decimal | None) -> str:
    """A change of a percentage, in points."""
    return NOTHING if value is None else _plus(value) + points(value)


def _plus(value: Decimal | None) -> str:
    return "+" if value is not None and value > 0 else ""


def with_currency(value: Decimal | None) -> str:
    """An amount in a sentence: 4,000 MAD."""
    return f"{amount(value)}\u00a0{g.books.currency}"


def month_long(month: Month) -> str:
    """November 2026."""
    return format_date(month.first_day, "MMMM 'de' y" if current_language() == "es" else "LLLL y", current_language())


def month_short(month: Month) -> str:
    """Nov 2026."""
    return format_date(month.first_day, "LLL y", current_language())


def month_tiny(month: Month, with_year: bool = False) -> str:
    """Nov, and Jan 26 in January or where the year has to be said."""
    return format_date(month.first_day, "LLL yy" if with_year or month.number == 1 else "LLL", current_language())


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(g.books.time_zone))


def day(moment: datetime) -> str:
    """20 Nov, where the books are kept."""
    return format_date(_local(moment).date(), "d MMM", current_language())


def full_date(moment: datetime) -> str:
    """20 Nov 2026."""
    return format_date(_local(moment).date(), "d MMM y", current_language())


def date_and_time(moment: datetime) -> str:
    """18 Nov 2026 at 16:42."""
    at = format_time(_local(moment).time(), "HH:mm", locale=current_language())
    return gettext("%(date)s at %(time)s", date=full_date(moment), time=at)


def ago(moment: datetime) -> str:
    """2 minutes ago, up to an hour; then the time of day; then the date."""
    passed = clock.now() - moment
    if passed < timedelta(minutes=1):
        return gettext("just now")
    if passed < timedelta(hours=1):
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", int(passed.total_seconds() // 60))
    if _local(moment).date() == _local(clock.now()).date():
        at = format_time(_local(moment).time(), "HH:mm", locale=current_language())
        return gettext("at %(time)s", time=at)
    return gettext("on %(date)s", date=full_date(moment))


def typed(value: Decimal) -> str:
    """A figure as it stands in a field that can be edited."""
    return price(value)


def negated(value: Decimal) -> Decimal:
    """A cost as the statement shows it: what it takes away."""
    return -value


def understood(text: str) -> str:
    """What somebody typed in the reader's language, as the plain number that intake reads."""
    return money.plain_number(text, style().mark)


def icon(name: str, tone: str = "") -> Markup:
    """An icon of the sprite, hidden from assistive technology: the words beside it, or a label, say what it is."""
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        f"i {tone}".strip(), answers.asset("icons.svg"), name
    )


FILTERS = (
    number, amount, headline, price, quantity, percent, signed, signed_points, with_currency, month_long, month_short,
    month_tiny, day, full_date, date_and_time, ago, typed, negated,
)  # fmt: skip


def teach(app: Flask) -> None:
    """Give templates the filters of this module, gettext, icons, ids and addresses of assets."""
    environment: Any = app.jinja_env  # its extensions add methods that no type names
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=False, pgettext=pgettext)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update({filter_.__name__: filter_ for filter_ in FILTERS})
    environment.globals.update(
        icon=icon,
        asset=answers.asset,
        scripts=bundles.bundle,
        dom_id=ids.dom_id,
        style=style,
        places=places,
        language=current_language,
        languages=NAMES,
        fresh_key=once.fresh_key,
    )
