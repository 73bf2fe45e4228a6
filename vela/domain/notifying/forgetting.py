"""Forgetting what was told long ago."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.notifying.models import Delivery, Webhook, WebhookEvent

REMEMBERED_FOR = timedelta(days=30)


def forget_old(session: Session) -> None:
    """Forget events of more than 30 days ago, whatever became of them, and events that are of no webhook any more."""
    old = select(WebhookEvent.id).where(WebhookEvent.at < now() - REMEMBERED_FOR)
    session.execute(delete(Delivery).where(Delivery.event_id.in_(old)))
    told = select(Delivery.id).where(Delivery.event_id == WebhookEvent.id)
    session.execute(delete(WebhookEvent).where(~told.exists()))
    for webhook in session.scalars(select(Webhook).where(Webhook.previous_until <= now())).all():
        webhook.previous_sealed = webhook.previous_until = None
