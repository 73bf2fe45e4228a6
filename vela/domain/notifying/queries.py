"""Reading webhooks and their deliveries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import MOST_ID, find
from vela.domain.notifying.models import Delivery, Webhook, WebhookEvent
from vela.errors import NotFound

MOST_SHOWN = 50
FAILING_LONG = timedelta(hours=1)
"""After which a failure is no hiccup any more, and somebody should look at it."""


def webhooks(session: Session) -> list[Webhook]:
    """All webhooks, oldest first."""
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def webhook(session: Session, webhook_id: int) -> Webhook:
    """One webhook. Raises NotFound."""
    found = find(session, Webhook, webhook_id)
    if found is None:
        raise NotFound("webhook", webhook_id)
    return found


def delivery(session: Session, delivery_id: int) -> Delivery:
    """One delivery. Raises NotFound."""
    found = find(session, Delivery, delivery_id)
    if found is None:
        raise NotFound("delivery", delivery_id)
    return found


def deliveries(
    session: Session, webhook_id: int, *, before: int | None = None, most: int | None = MOST_SHOWN
) -> list[Delivery]:
    """At most `most` deliveries to a webhook, newest first, that are older than number `before`. Raises NotFound."""
    mine = select(Delivery).where(Delivery.webhook_id == webhook(session, webhook_id).id)
    if before is not None:
        mine = mine.where(Delivery.id < min(before, MOST_ID))
    return list(session.scalars(mine.order_by(Delivery.id.desc()).limit(most)))


def count_deliveries(session: Session, webhook_id: int) -> int:
    """How many deliveries to a webhook are remembered."""
    return session.scalar(select(func.count(Delivery.id)).where(Delivery.webhook_id == webhook_id)) or 0


@dataclass(frozen=True, slots=True)
class Queue:
    """How many deliveries wait, also those that wait for their next attempt, since when, and what does not go well.

    `off` is how many webhooks Vela itself turned off, `failing_since` when the first active one began to fail.
    """

    waiting: int
    oldest: datetime | None
    given_up: int
    off: int
    failing_since: datetime | None


def queue(session: Session) -> Queue:
    """How it stands with the webhooks; what waits is counted for those that are active alone."""
    active = select(Webhook.id).where(Webhook.off == "")
    waits = (Delivery.next_attempt_at.is_not(None), Delivery.webhook_id.in_(active))
    first = select(func.min(Delivery.event_id)).where(*waits).scalar_subquery()
    return Queue(
        waiting=session.scalar(select(func.count(Delivery.id)).where(*waits)) or 0,
        oldest=session.scalar(select(WebhookEvent.at).where(WebhookEvent.id == first)),
        given_up=session.scalar(select(func.count(Delivery.id)).where(Delivery.given_up_at.is_not(None))) or 0,
        off=session.scalar(select(func.count(Webhook.id)).where(Webhook.off.not_in(("", "person")))) or 0,
        failing_since=session.scalar(select(func.min(Webhook.failing_since)).where(Webhook.off == "")),
    )


def ailing(session: Session) -> int:
    """How many webhooks somebody should look at: Vela turned them off, or they have been failing for an hour."""
    long_ago = now() - FAILING_LONG
    failing = (Webhook.off == "") & (Webhook.failing_since <= long_ago)
    return session.scalar(select(func.count(Webhook.id)).where(Webhook.off.not_in(("", "person")) | failing)) or 0


def count_given_up(session: Session, webhook_id: int) -> int:
    """How many deliveries to a webhook were given up and not sent again since."""
    given_up = (Delivery.webhook_id == webhook_id, Delivery.given_up_at.is_not(None))
    return session.scalar(select(func.count(Delivery.id)).where(*given_up)) or 0


def count_waiting(session: Session, webhook_id: int) -> int:
    """How many deliveries to a webhook are neither made nor given up."""
    waits = (Delivery.webhook_id == webhook_id, Delivery.next_attempt_at.is_not(None))
    return session.scalar(select(func.count(Delivery.id)).where(*waits)) or 0
