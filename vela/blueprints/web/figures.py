"""How figures, months and moments are written for people, in the reader's language; see each filter."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g
from markupsafe import Markup

from vela import clock, figures, money
from vela.blueprints.web import answers, bundles, ids, once
from vela.figures import (
    NOTHING,
    amount,
    month_long,
    month_short,
    month_tiny,
    number,
    percent,
    places,
    price,
    quantity,
)
from vela.language import NAMES, current_language, gettext, ngettext, pgettext, style

MANY = 10_000_000


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
    return figures.with_currency(value, g.books.currency)


def _zone() -> ZoneInfo:
    return ZoneInfo(g.books.time_zone)


def day(moment: datetime) -> str:
    """20 Nov, where the books are kept."""
    return figures.day(moment, _zone())


def full_date(moment: datetime) -> str:
    """20 Nov 2026."""
    return figures.full_date(moment, _zone())


def date_and_time(moment: datetime) -> str:
    """18 Nov 2026 at 16:42."""
    return figures.date_and_time(moment, _zone())


def ago(moment: datetime) -> str:
    """2 minutes ago, up to an hour; then the time of day; then the date."""
    passed = clock.now() - moment
    if passed < timedelta(minutes=1):
        return gettext("just now")
    if passed < timedelta(hours=1):
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", int(passed.total_seconds() // 60))
    if moment.astimezone(_zone()).date() == clock.now().astimezone(_zone()).date():
        return gettext("at %(time)s", time=figures.time_of_day(moment, _zone()))
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
