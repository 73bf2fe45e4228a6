"""The queue: who sends which event next, and what became of it.

Whoever sends takes one delivery of a webhook at a time and has it for a while. Whoever dies meanwhile loses it when
that while is over, and somebody else sends it again: an event arrives once or more, and never not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.notifying import schedule
from vela.domain.notifying.intake import masked
from vela.domain.notifying.models import LONGEST_ANSWER, Delivery, Webhook
from vela.domain.notifying.sealed import secrets_of
from vela.domain.people.access import Actor, Face, Role
from vela.sealing import Broken, Sealer

LEASE = timedelta(minutes=2)
"""Longer than looking a name up and sending take together."""
FAILS_FOR = timedelta(days=3)
GONE = 410
SENDER = "(webhooks)"
"""Whom the trail names when a webhook is turned off and nobody is there; no user can be called so."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event on its way to one webhook, and the claim of whoever takes it there."""

    delivery_id: int
    webhook_id: int
    claim: str
    address: str
    secrets: tuple[str, ...]
    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: a status and the beginning of the answer, or the `trouble` that kept it from coming.

    `asked` is for how long the receiver wants to be left alone.
    """

    status: int | None = None
    answer: str = ""
    trouble: str = ""
    asked: timedelta | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.trouble


def due(session: Session) -> list[int]:
    """The webhooks for which something is to be sent now, those that wait longest first."""
    moment = now()
    waiting = (
        select(Webhook.id)
        .join(Delivery, Delivery.webhook_id == Webhook.id)
        .where(Delivery.next_attempt_at <= moment, _is_free(moment), *_listens(moment))
        .group_by(Webhook.id)
        .order_by(func.min(Delivery.next_attempt_at))
    )
    return list(session.scalars(waiting))


def take(session: Session, sealer: Sealer, webhook_id: int, *, lease: timedelta = LEASE) -> Parcel | None:
    """The next delivery to a webhook, for whoever asks alone; None when there is none, or somebody has one already."""
    webhook, moment = hold(session, Webhook, webhook_id), now()
    if webhook is None or webhook.off or (webhook.resting_until and webhook.resting_until > moment):
        return None
    mine = Delivery.webhook_id == webhook.id
    if session.scalar(select(Delivery.id).where(mine, Delivery.claimed_until > moment).limit(1)) is not None:
        return None
    ready = select(Delivery).where(mine, Delivery.next_attempt_at <= moment, _is_free(moment))
    found = session.scalar(ready.order_by(Delivery.next_attempt_at, Delivery.id).limit(1))
    if found is None:
        return None
    try:
        secrets = tuple(secrets_of(webhook, sealer))
    except Broken:
        _turn_off(session, webhook, "secret")
        return None
    found.claim, found.claimed_until = uuid4().hex, moment + lease
    session.flush()
    event = found.event
    return Parcel(found.id, webhook.id, found.claim, webhook.address, secrets, event.name, event.body)


def settle(session: Session, parcel: Parcel, outcome: Outcome) -> str:
    """Write down what became of a delivery, unless it belongs to somebody else by now.

    Returns why the webhook was turned off for it; empty when it was not.
    """
    webhook, delivery = hold(session, Webhook, parcel.webhook_id), hold(session, Delivery, parcel.delivery_id)
    if webhook is None or delivery is None or delivery.claim != parcel.claim:
        return ""
    moment = now()
    delivery.claim, delivery.claimed_until, delivery.last_attempt_at = "", None, moment
    delivery.step, delivery.attempts = delivery.step + 1, delivery.attempts + 1
    delivery.last_status, delivery.last_trouble = outcome.status, outcome.trouble
    delivery.last_answer = outcome.answer[:LONGEST_ANSWER]
    if outcome.arrived:
        delivery.delivered_at, delivery.next_attempt_at = moment, None
        webhook.failing_since = None
        return ""
    return _failed(session, webhook, delivery, outcome)


def _failed(session: Session, webhook: Webhook, delivery: Delivery, outcome: Outcome) -> str:
    moment = now()
    webhook.failing_since = since = webhook.failing_since or moment
    pause = None if outcome.status == GONE else schedule.pause_after(delivery.step, outcome.asked)
    webhook.resting_until = moment + schedule.rest_after(outcome.status, outcome.asked, moment - since)
    delivery.next_attempt_at = None if pause is None else moment + pause
    delivery.given_up_at = moment if pause is None else None
    if webhook.off:
        return ""
    if outcome.status == GONE:
        return _turn_off(session, webhook, "gone")
    return _turn_off(session, webhook, "failing") if since <= moment - FAILS_FOR else ""


def _turn_off(session: Session, webhook: Webhook, why: str) -> str:
    webhook.off = why
    webhook.version += 1
    after = {"address": masked(webhook.address), "because": why, "version": webhook.version}
    trail.record(session, _sender(), "turn off", "webhook", webhook.id, after=after, even_when_stopped=True)
    session.flush()
    return why


def _sender() -> Actor:
    """Vela itself, which turns a webhook off when nobody is there."""
    return Actor(None, SENDER, "Vela", Role.ADMIN, may_record_sales=False, face=Face.COMMAND)


def _is_free(moment: datetime) -> ColumnElement[bool]:
    return or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= moment)


def _listens(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Webhook.off == "", or_(Webhook.resting_until.is_(None), Webhook.resting_until <= moment))
