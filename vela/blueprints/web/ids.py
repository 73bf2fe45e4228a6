"""Names of elements: the one place where ids are made, for templates and for answers alike."""

from vela.domain.catalog.models import Component, Service
from vela.domain.ledger.models import OperatingExpense, Transaction
from vela.domain.notifying.models import Delivery, Webhook
from vela.domain.people.models import PersonalToken, SignIn, User

_PREFIXES: dict[type, str] = {
    Service: "offer",
    Component: "component",
    Transaction: "sale",
    OperatingExpense: "expense",
    User: "user",
    PersonalToken: "token",
    SignIn: "sign-in",
    Webhook: "webhook",
    Delivery: "delivery",
}


Thing = Service | Component | Transaction | OperatingExpense | User | PersonalToken | SignIn | Webhook | Delivery


def dom_id(thing: Thing, *parts: str) -> str:
    """The id of a thing's element, or of a part of it: `component-202`, `component-202-unit_cost`."""
    return "-".join([_PREFIXES[type(thing)], str(thing.id), *parts])


def slot_id(source: str, field: str) -> str:
    """The id of the error slot of `field`, given the id of the input or form that asked."""
    if not field:
        return f"{source}-error"
    return f"{source}-error" if source.endswith(f"-{field}") or source == field else f"{source}-{field}-error"
