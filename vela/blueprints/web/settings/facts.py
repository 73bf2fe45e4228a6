"""What an entry of the trail says of a thing, field by field: names and values as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.offers import wording
from vela.domain.catalog.models import Service
from vela.domain.people.access import Role, operator
from vela.domain.people.models import User
from vela.language import NAMES
from vela.language import gettext as _
from vela.periods import Month

COMPONENT = re.compile(r"(?P<name>.*) #(?P<id>\d+)\.(?P<field>\w+)", re.DOTALL)
AMOUNTS = {"amount", "revenue", "cost", "opex", "list_cost", "list_sell"}
PRICED = {"unit_cost", "unit_sell", "quantity", "target_margin_pct"}
MONTHS = {"month", "first_month", "last_month"}


@dataclass(frozen=True, slots=True)
class Names:
    """What things and people are called now: offers by their number, users by their number and their username."""

    offers: Mapping[int, str] = field(default_factory=dict[int, str])
    users: Mapping[int, str] = field(default_factory=dict[int, str])
    people: Mapping[str, str] = field(default_factory=dict[str, str])

    def offer(self, number: object) -> str:
        """The name of an offer, archived or not; its number when nobody knows."""
        known = self.offers.get(number) if isinstance(number, int) else None
        return known or _("offer %(id)s", id=number)

    def person(self, username: str) -> str:
        """How a username is called elsewhere."""
        return operator().display_name if username == operator().username else self.people.get(username, username)


def names(session: Session) -> Names:
    """The names of all offers and people, looked up once for a whole page."""
    users = session.execute(select(User.id, User.username, User.display_name)).all()
    offers = session.execute(select(Service.id, Service.name)).all()
    return Names(
        {each.id: each.name for each in offers},
        {each.id: each.display_name for each in users},
        {each.username: each.display_name for each in users},
    )


def label(name: str) -> str:
    """What people call a field of an entry; of a component, with its name."""
    of_component = COMPONENT.fullmatch(name)
    if of_component:
        called = _labels().get(of_component["field"], of_component["field"])
        return _("%(component)s, %(field)s", component=of_component["name"], field=called)
    return _labels().get(name, name.replace("_", " "))


def _labels() -> dict[str, str]:
    return {
        **wording.labels(),
        "position": _("place in the list"),
        "revision": _("revision"),
        "revision_id": _("revision, as the books number it"),
        "active": _("active"),
        "service_id": _("offer"),
        "month": _("month"),
        "revenue": _("revenue"),
        "cost": _("cost"),
        "opex": _("opex"),
        "amount": _("amount"),
        "first_month": _("first month"),
        "last_month": _("last month"),
        "sales": _("sales"),
        "reason": _("reason"),
        **_labels_of_people(),
    }


def _labels_of_people() -> dict[str, str]:
    return {
        "username": _("username"),
        "display_name": _("display name"),
        "role": _("role"),
        "may_record_sales": _("may record sales"),
        "must_change_password": _("must change the password"),
        "language": _("language"),
        "single_keys": _("single keys act"),
        "user": _("user"),
        "left": _("recovery codes left"),
        "sign_ins": _("sign-ins"),
        "tokens": _("tokens"),
        "currency": _("currency"),
        "time_zone": _("time zone"),
        "version": _("version"),
        "second_factors": _("second factors"),
        "findings": _("findings"),
        "code": _("finding"),
        "sums": _("sums"),
        "ids": _("numbers"),
    }


def shown(values: Mapping[str, Any], name: str, known: Names | None = None) -> str | None:
    """One of the values an entry holds, for people: a dash for nothing; None when it is not among them."""
    if name not in values:
        return None
    of_component = COMPONENT.fullmatch(name)
    return _shown(of_component["field"] if of_component else name, values[name], known or Names())


def _shown(name: str, value: Any, known: Names) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        listed = cast("list[Any]", value)
        return "; ".join(str(each) for each in listed) or figures.NOTHING
    if value in (None, ""):
        return figures.NOTHING
    if name == "service_id":
        return known.offer(value)
    return _written(name, value)


def _written(name: str, value: Any) -> str:
    """A value that is there, in the reader's way of writing; as it stands where it cannot be read so."""
    try:
        if name in AMOUNTS:
            return figures.amount(Decimal(str(value)))
        if name in PRICED:
            return wording.shown(name, Decimal(str(value)))
        if name in MONTHS:
            return figures.month_long(Month.parse(str(value)))
        if name.endswith("_at"):
            return figures.date_and_time(datetime.fromisoformat(str(value)))
    except (InvalidOperation, ValueError):
        return str(value)
    if name == "kind":
        return wording.shown(name, value)
    words = {"role": {Role.ADMIN: _("Admin"), Role.VIEWER: _("Viewer")}, "language": NAMES}.get(name, {})
    return str(words.get(value, value))
