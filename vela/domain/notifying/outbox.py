"""The outbox: what happened is written down for those who asked for it, in the transaction in which it happened.

Nothing is sent from here. What is kept is sent until it arrives, and of what is not kept nobody hears.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela import exact
from vela.clock import now
from vela.domain.notifying.kinds import Kind
from vela.domain.notifying.models import Delivery, Webhook, WebhookEvent


def announce(session: Session, kind: Kind, told: Iterable[Mapping[str, Any]]) -> None:
    """Each of `told` happened: keep it as the data of an event for every webhook that asked for its kind.

    `told` is not even looked at when nobody did.
    """
    webhooks = _asking_for(session, kind)
    if webhooks:
        write(session, kind, told, webhooks)


def write(session: Session, kind: Kind, told: Iterable[Mapping[str, Any]], webhooks: Iterable[int]) -> list[Delivery]:
    """Events with the data `told`, each to be delivered to all these `webhooks` at once."""
    moment = now()
    events = [_event(kind, data) for data in told]
    session.add_all(events)
    session.flush()
    to = list(webhooks)
    deliveries = [
        Delivery(webhook_id=each, event_id=event.id, next_attempt_at=moment) for event in events for each in to
    ]
    session.add_all(deliveries)
    session.flush()
    return deliveries


def _event(kind: Kind, data: Mapping[str, Any]) -> WebhookEvent:
    moment = now()
    body = exact.compact({"type": kind.value, "timestamp": moment, "data": data})
    return WebhookEvent(name=f"msg_{uuid4().hex}", kind=kind.value, at=moment, body=body)


def _asking_for(session: Session, kind: Kind) -> list[int]:
    """The webhooks that are to be told; nobody takes one of them away before the transaction ends."""
    active = select(Webhook.id, Webhook.kinds).where(Webhook.off == "").order_by(Webhook.id)
    with session.no_autoflush:
        asking = [each.id for each in session.execute(active) if kind.value in each.kinds.split()]
        if not asking:
            return []
        still = select(Webhook.id).where(Webhook.id.in_(asking)).order_by(Webhook.id)
        return list(session.scalars(still.with_for_update(read=True, key_share=True)))
