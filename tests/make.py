"""Builders: the shortest way to a thing that a test needs, through the same verbs that everybody uses."""

from dataclasses import replace
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from vela.domain.catalog.commands import add_component, create_service
from vela.domain.catalog.intake import NewComponent, NewService
from vela.domain.catalog.models import Component, Service
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.expenses import add_expense
from vela.domain.ledger.intake import NewExpense, NewTransaction
from vela.domain.ledger.models import OperatingExpense, Transaction
from vela.domain.notifying import commands as notifying
from vela.domain.notifying.intake import NewWebhook
from vela.domain.notifying.models import Webhook
from vela.domain.people.access import Actor, Face, Role, Scope, operator
from vela.domain.people.commands import create_user
from vela.domain.people.intake import DemoUser
from vela.domain.people.models import User
from vela.domain.people.passwords import Hashed
from vela.domain.people.signins import actor_for
from vela.domain.proposals.commands import propose
from vela.domain.proposals.kinds import KINDS
from vela.domain.proposals.models import Proposal
from vela.intake import read
from vela.sealing import Sealer

PASSWORD = "correct horse battery"


def admin() -> Actor:
    return operator()


def viewer(**rights: Any) -> Actor:
    return Actor(**{"user_id": None, "username": "viewer", "display_name": "Viewer", "role": Role.VIEWER,
                    "may_record_sales": True, "face": Face.COMMAND} | rights)  # fmt: skip


@cache
def _quickly_checked() -> Hashed:
    """PASSWORD as a hash that says of itself that it is cheap to check; people sign in in thousands of tests."""
    return Hashed(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))


def user(session: Session, username: str = "salma", **words: Any) -> User:
    said = {"username": username, "display_name": username.title(), "password": PASSWORD} | words
    quickly = _quickly_checked() if said["password"] == PASSWORD else None
    return create_user(session, operator(), read(DemoUser, said), password=quickly)


def offer(session: Session, name: str = "Atlas", *lines: tuple[str, object, object], **words: Any) -> Service:
    """An offer of lines (name, unit cost, unit sell); by default one HDD at 600/1000."""
    parts = [
        {"name": part, "unit_cost": cost, "unit_sell": sell} for part, cost, sell in lines or (("HDD", 600, 1000),)
    ]
    return create_service(session, operator(), read(NewService, {"name": name, "components": parts} | words))


def component(
    session: Session, service: Service, name: str = "SSD", cost: object = 400, sell: object = 700, **words: Any
) -> Component:
    said = {"name": name, "unit_cost": cost, "unit_sell": sell} | words
    return add_component(session, operator(), service.id, read(NewComponent, said))


def sale(session: Session, service: Service, quantity: int = 1, month: str = "2026-11", **words: Any) -> Transaction:
    said = {"service_id": service.id, "quantity": quantity, "month": month} | words
    return record_sale(session, operator(), read(NewTransaction, said))


def proposal(session: Session, owner: User, change: str, **said: Any) -> Proposal:
    """A change that waits for a person, proposed by an agent with a token of `owner`."""
    agent = replace(actor_for(owner, Face.AGENT), scope=Scope.PROPOSE, token_name="Laptop")
    kind = KINDS[change]
    return propose(session, agent, kind, read(kind.reads, said, typed=True), lambda _done: None)[0]


def expense(session: Session, name: str = "Rent", amount: object = 800, **words: Any) -> OperatingExpense:
    return add_expense(session, operator(), read(NewExpense, {"name": name, "amount": amount} | words))


def webhook(session: Session, address: str = "https://example.com/hooks", *events: str) -> Webhook:
    """A webhook with a ping that waits, its secret sealed with a key that nobody has."""
    words = read(NewWebhook, {"address": address, "events": list(events) or ["month.closed"]}, typed=True)
    made, _secret = notifying.add_webhook(session, operator(), Sealer(b"a key of tests, long enough for it"), words)
    notifying.ping(session, operator(), made.id)
    return made
