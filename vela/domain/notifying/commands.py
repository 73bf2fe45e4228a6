"""Setting up webhooks: adding, changing, trying, giving another secret, taking away, and sending an event again."""

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold, take_turns
from vela.domain.audit import trail
from vela.domain.audit.disputes import refuse_disputed
from vela.domain.notifying import outbox, queries
from vela.domain.notifying.intake import ANOTHER, NewWebhook, WebhookChanges, masked, refuse_private
from vela.domain.notifying.kinds import Kind
from vela.domain.notifying.models import Delivery, Webhook
from vela.domain.notifying.sealed import give_secret
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict, NotFound
from vela.language import gettext as _
from vela.sealing import Sealer

MOST_WEBHOOKS = 20
ADDING = 0x686F6F6B  # what those who add webhooks take turns at, so that there are never more


def add_webhook(
    session: Session, actor: Actor, sealer: Sealer, words: NewWebhook, *, private: bool = False
) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which is never shown again.

    `private` allows plain http and addresses that are not public. Raises Forbidden; Invalid for such an address;
    Conflict when there are too many.
    """
    require(actor, Act.CHANGE_SETTINGS)
    refuse_private(words.address, private=private)
    take_turns(session, ADDING)
    if (session.scalar(select(func.count(Webhook.id))) or 0) >= MOST_WEBHOOKS:
        words_for_it = _(
            "There are %(count)d webhooks, and there can be no more. Remove one first.", count=MOST_WEBHOOKS
        )
        raise Conflict("too_many", words_for_it)
    webhook = Webhook(
        address=words.address,
        kinds=_joined(words.events),
        off="",
        sealed="",
        version=1,
        created_at=now(),
        created_by=actor.display_name,
    )
    session.add(webhook)
    session.flush()
    secret = give_secret(webhook, sealer)
    trail.record(session, actor, "create", "webhook", webhook.id, after=_shown(webhook))
    session.flush()
    return webhook, secret


def change_webhook(
    session: Session,
    actor: Actor,
    webhook_id: int,
    words: WebhookChanges,
    *,
    version: int | None = None,
    private: bool = False,
) -> Webhook:
    """Change what was said; turning a webhook on again lets it begin anew, whatever failed before.

    One that Vela turned off can be turned off by a person, too, who then knows of it.

    Raises Forbidden, NotFound; Invalid for an address where nothing may be sent; Stale when somebody changed the same
    since `version`.
    """
    require(actor, Act.CHANGE_SETTINGS)
    webhook = held_webhook(session, webhook_id)
    said = words.said()
    wanted: dict[str, Any] = {name: value for name, value in said.items() if name != "events"}
    wanted |= {"events": [kind.value for kind in said["events"]]} if "events" in said else {}
    before, stands = _shown(webhook), _shown(webhook) | {"address": webhook.address}
    refuse_disputed(session, "webhook", webhook.id, seen=version, version=webhook.version, stands=stands, wanted=wanted)
    wants_off = words.active is False and "active" in wanted
    if all(stands[name] == value for name, value in wanted.items()) and not (wants_off and webhook.off != "person"):
        return webhook
    if "address" in wanted:
        refuse_private(words.address, private=private)
        webhook.address = words.address
    if "events" in wanted:
        webhook.kinds = _joined(words.events)
    if wants_off:
        _turn(webhook, "person")
    elif "active" in wanted and not webhook.active:
        _turn(webhook, "")
    webhook.version += 1
    after: dict[str, Any] = _shown(webhook) | {"version": webhook.version}
    if webhook.address != stands["address"] and after["address"] == before["address"]:
        after["address"] += ANOTHER
    trail.record(session, actor, "change", "webhook", webhook.id, before=before, after=after)
    session.flush()
    return webhook


def rotate_secret(session: Session, actor: Actor, sealer: Sealer, webhook_id: int) -> tuple[Webhook, str]:
    """Another secret, which is never shown again; the one before signs beside it for a day.

    Raises Forbidden, NotFound.
    """
    require(actor, Act.CHANGE_SETTINGS)
    webhook = held_webhook(session, webhook_id)
    secret = give_secret(webhook, sealer)
    if webhook.off == "secret":
        _turn(webhook, "")
    webhook.version += 1
    after = {"address": masked(webhook.address), "version": webhook.version}
    trail.record(session, actor, "give another secret", "webhook", webhook.id, after=after)
    session.flush()
    return webhook, secret


def remove_webhook(session: Session, actor: Actor, webhook_id: int) -> Webhook:
    """Take a webhook away, with what still waits for it, in read-only books, too. Raises Forbidden, NotFound."""
    require(actor, Act.CHANGE_SETTINGS)
    webhook = held_webhook(session, webhook_id, removing=True)
    before = _shown(webhook)
    session.execute(delete(Delivery).where(Delivery.webhook_id == webhook.id))
    session.delete(webhook)
    session.flush()
    trail.record(session, actor, "remove", "webhook", webhook_id, before=before, even_when_stopped=True)
    return webhook


def ping(session: Session, actor: Actor, webhook_id: int) -> Delivery:
    """Send an event that means nothing, to try a webhook. Raises Forbidden, NotFound; Conflict when it is off."""
    require(actor, Act.CHANGE_SETTINGS)
    webhook = _awake(session, webhook_id)
    (sent,) = outbox.write(session, Kind.PING, [{"webhook_id": webhook.id, "by": actor.display_name}], [webhook.id])
    after = {"address": masked(webhook.address), "event": sent.event.name}
    trail.record(session, actor, "ping", "webhook", webhook.id, after=after)
    return sent


def replay(session: Session, actor: Actor, delivery_id: int) -> Delivery:
    """Send an event again at once, under the same webhook-id and with as many attempts as a new one.

    Raises Forbidden, NotFound; Conflict when its webhook is off, or it is being sent at this moment.
    """
    require(actor, Act.CHANGE_SETTINGS)
    webhook = _awake(session, queries.delivery(session, delivery_id).webhook_id)
    again = hold(session, Delivery, delivery_id)
    if again is None:
        raise NotFound("delivery", delivery_id)
    if again.is_being_sent:
        raise Conflict("being_sent", _("This event is being sent at this moment. Look again in a minute."))
    again.step, again.next_attempt_at = 0, now()
    again.delivered_at = again.given_up_at = None
    after = {"address": masked(webhook.address), "event": again.event.name}
    trail.record(session, actor, "send again", "webhook", webhook.id, after=after)
    session.flush()
    return again


def replay_given_up(session: Session, actor: Actor, webhook_id: int) -> int:
    """Send every event again that was given up, oldest first, each as `replay` does; how many there are, perhaps none.

    Raises Forbidden, NotFound; Conflict when the webhook is off.
    """
    require(actor, Act.CHANGE_SETTINGS)
    webhook = _active(session, webhook_id)
    count = queries.count_given_up(session, webhook.id)
    if not count:
        return 0
    webhook.resting_until = None
    given_up = update(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.given_up_at.is_not(None))
    session.execute(given_up.values(step=0, next_attempt_at=now(), given_up_at=None))
    after = {"address": masked(webhook.address), "count": count}
    trail.record(session, actor, "send again what was given up", "webhook", webhook.id, after=after)
    session.flush()
    return count


def held_webhook(session: Session, webhook_id: int, *, removing: bool = False) -> Webhook:
    """A webhook, kept from other writers; for `removing` it, from those who write down an event for it, too.

    Raises NotFound.
    """
    found = hold(session, Webhook, webhook_id, removing=removing)
    if found is None:
        raise NotFound("webhook", webhook_id)
    return found


def _awake(session: Session, webhook_id: int) -> Webhook:
    """A webhook to which something is sent at once, whatever rest it asked for. Raises NotFound, Conflict."""
    webhook = _active(session, webhook_id)
    webhook.resting_until = None
    return webhook


def _active(session: Session, webhook_id: int) -> Webhook:
    webhook = held_webhook(session, webhook_id)
    if not webhook.active:
        raise Conflict("webhook_off", _("This webhook is off. Turn it on first."))
    return webhook


def _turn(webhook: Webhook, off: str) -> None:
    webhook.off = off
    webhook.failing_since = webhook.resting_until = None


def _joined(events: list[Kind]) -> str:
    return " ".join(kind.value for kind in events)


def _shown(webhook: Webhook) -> dict[str, Any]:
    """What the trail says of a webhook."""
    events = [kind.value for kind in webhook.events]
    return {"address": masked(webhook.address), "events": events, "active": webhook.active}
