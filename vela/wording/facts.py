"""What an entry of the trail says of a thing, field by field: names and values as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela import figures
from vela.domain.catalog.models import Service
from vela.domain.notifying.intake import ANOTHER
from vela.domain.notifying.queue import SENDER
from vela.domain.people.access import Role, Scope, operator
from vela.domain.people.models import User
from vela.domain.workspace.settings import workspace
from vela.language import NAMES
from vela.language import gettext as _
from vela.periods import Month
from vela.wording import differing, webhook_words

COMPONENT = re.compile(r"(?P<name>.*) #(?P<id>\d+)\.(?P<field>\w+)", re.DOTALL)
AMOUNTS = {"amount", "revenue", "cost", "opex", "list_cost", "list_sell"}
PRICED = {"unit_cost", "unit_sell", "quantity", "target_margin_pct"}
NOWHERE = ZoneInfo("UTC")
MONTHS = {"month", "first_month", "last_month"}


@dataclass(frozen=True, slots=True)
class Names:
    """What things and people are called now: offers by their number, users by their number and their username; and in
    which currency and time zone the books are kept."""

    offers: Mapping[int, str] = field(default_factory=dict[int, str])
    users: Mapping[int, str] = field(default_factory=dict[int, str])
    people: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str = ""
    zone: ZoneInfo = NOWHERE

    def offer(self, number: object) -> str:
        """The name of an offer, archived or not; its number when nobody knows."""
        known = self.offers.get(number) if isinstance(number, int) else None
        return known or _("offer %(id)s", id=number)

    def person(self, username: str) -> str:
        """How a username is called elsewhere."""
        if username == SENDER:
            return "Vela"
        return operator().display_name if username == operator().username else self.people.get(username, username)


def names(session: Session) -> Names:
    """The names of all offers and people, looked up once for a whole page."""
    books = workspace(session)
    users = session.execute(select(User.id, User.username, User.display_name)).all()
    offers = session.execute(select(Service.id, Service.name)).all()
    return Names(
        {each.id: each.name for each in offers},
        {each.id: each.display_name for each in users},
        {each.username: each.display_name for each in users},
        books.currency,
        ZoneInfo(books.time_zone),
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
        **differing.labels(),
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
        **_labels_of_webhooks(),
        "scope": _("what it may do"),
        "expires_at": _("works until"),
        "change": _("change"),
        "service": _("offer"),
        "token": _("token"),
    }


def _labels_of_webhooks() -> dict[str, str]:
    return {
        "address": _("address"),
        "event": _("event"),
        "events": _("events"),
        "because": _("why"),
        "webhooks": _("webhooks"),
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
        if name == "events":
            return webhook_words.listed([str(each) for each in listed])
        return "; ".join(str(each) for each in listed) or figures.NOTHING
    if value in (None, ""):
        return figures.NOTHING
    if name == "service_id":
        return known.offer(value)
    return _written(name, value, known.zone)


def _written(name: str, value: Any, zone: ZoneInfo) -> str:
    """A value that is there, in the reader's way of writing; as it stands where it cannot be read so."""
    try:
        if name in AMOUNTS:
            return figures.amount(Decimal(str(value)))
        if name in PRICED:
            return differing.shown(name, Decimal(str(value)))
        if name in MONTHS:
            return figures.month_long(Month.parse(str(value)))
        if name.endswith("_at"):
            return figures.date_and_time(datetime.fromisoformat(str(value)), zone)
    except (InvalidOperation, ValueError):
        return str(value)
    if name == "address" and str(value).endswith(ANOTHER):
        return _("%(address)s, another than before", address=str(value).removesuffix(ANOTHER))
    if name == "kind":
        return differing.shown(name, value)
    return str(_choices().get(name, {}).get(value, value))


def _choices() -> Mapping[str, Mapping[str, str]]:
    """What people call the values of fields that have only a few."""
    return {
        "role": {Role.ADMIN: _("Admin"), Role.VIEWER: _("Viewer")},
        "language": NAMES,
        "because": {
            "gone": _("the receiver said that it is gone"),
            "failing": _("it had failed for three days"),
            "secret": _("its secret could not be opened"),
        },
        "scope": {
            Scope.READ: _("Read only"),
            Scope.PROPOSE: _("Propose changes"),
            Scope.WRITE: _("Change offers, sales and expenses"),
            Scope.ADMIN: _("Everything its user may"),
        },
        "change": {
            "add_component": _("Add a component"),
            "update_component": _("Change a component"),
            "delete_component": _("Remove a component"),
            "undo_change": _("Undo a change"),
            "add_transaction": _("Record a sale"),
            "void_transaction": _("Void a sale"),
        },
    }
