"""The secrets of webhooks as the database holds them: sealed, each in its own place."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.notifying.models import Webhook
from vela.domain.notifying.signing import fresh_secret
from vela.sealing import Broken, Sealer

BOTH_SIGN_FOR = timedelta(days=1)


def give_secret(webhook: Webhook, sealer: Sealer) -> str:
    """A fresh secret for a webhook that has its number; the one before signs beside it for another day."""
    secret = fresh_secret()
    if webhook.sealed:
        webhook.previous_sealed, webhook.previous_until = webhook.sealed, now() + BOTH_SIGN_FOR
    webhook.sealed = sealer.seal(secret, _place(webhook.id))
    return secret


def secrets_of(webhook: Webhook, sealer: Sealer) -> list[str]:
    """What signs for a webhook now, the newest first. Raises Broken when the newest cannot be opened."""
    known = [sealer.open(webhook.sealed, _place(webhook.id))]
    if webhook.previous_sealed and webhook.previous_until and webhook.previous_until > now():
        try:
            known.append(sealer.open(webhook.previous_sealed, _place(webhook.id)))
        except Broken:
            return known
    return known


def reseal(session: Session, old: Sealer, new: Sealer) -> int:
    """Seal every secret anew; returns how many. One that cannot be opened stays as it is, and nothing is signed."""
    count = 0
    for webhook in session.scalars(select(Webhook).order_by(Webhook.id).with_for_update()).all():
        place = _place(webhook.id)
        try:
            webhook.sealed = new.seal(old.open(webhook.sealed, place), place)
            if webhook.previous_sealed:
                webhook.previous_sealed = new.seal(old.open(webhook.previous_sealed, place), place)
        except Broken:
            continue
        count += 1
    session.flush()
    return count


def _place(webhook_id: int) -> str:
    return f"secret of webhook {webhook_id}"
