"""Webhooks, for admins: all of them, a new one, and one with what became of each of its events."""

from datetime import timedelta
from typing import Annotated, Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import away, from_htmx, page, partials
from vela.blueprints.web.confirming import admins_recently_confirmed
from vela.blueprints.web.forms import said
from vela.blueprints.web.guards import actor, database, vela
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.clock import now
from vela.domain.notifying import commands, queries
from vela.domain.notifying.intake import NewWebhook
from vela.domain.notifying.models import Delivery, Webhook
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid
from vela.intake import Identity, Optional, Words, read
from vela.language import gettext as _
from vela.problems import status_of
from vela.wording.webhook_words import words

BACK = "/settings/webhooks"
SOON = timedelta(seconds=20)
LOOKS = 12
"""How often in a row a page asks by itself what became of an event."""


class Place(Words):
    """Where in the list of deliveries somebody is, and how often their page looks again."""

    before: Annotated[Identity | None, Optional] = None
    after: Annotated[Identity | None, Optional] = None
    left: Annotated[Identity | None, Optional] = None


@pages.get("/settings/webhooks")
def webhooks() -> Response:
    """All webhooks, and a form for another; admins only."""
    require(actor(), Act.CHANGE_SETTINGS)
    with database().reading() as session:
        return _list(session)


@pages.post("/settings/webhooks")
@admins_recently_confirmed
def add_webhook() -> Response:
    """A new webhook; this answer is the only one that ever shows its secret."""
    try:
        with once(Act.CHANGE_SETTINGS) as session:
            typed = read(NewWebhook, typed_webhook())
            private = vela().settings.webhooks_private
            webhook, secret = commands.add_webhook(session, actor(), vela().sealer, typed, private=private)
            if from_htmx():
                shown = words() | {"webhook": webhook, "secret": secret, "chosen": words()["kinds"]}
                response = partials(session, "settings/webhook_added.html", 201, **shown)
            else:
                response = one(session, webhook, 201, secret=secret)
            return keep(session, response, path_of(webhook.id), instead=shown_once())
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        with database().reading() as session:
            return _list(session, status_of(error), refused=kept("webhook-new", error))


@pages.get("/settings/webhooks/<int:webhook_id>")
def webhook(webhook_id: int) -> Response:
    """One webhook with its newest deliveries, or those `before` one; admins only. Raises Invalid, NotFound."""
    require(actor(), Act.CHANGE_SETTINGS)
    place = _place()
    with database().reading() as session:
        return one(session, queries.webhook(session, webhook_id), before=place.before)


@pages.get("/settings/webhooks/<int:webhook_id>/deliveries")
def webhook_deliveries(webhook_id: int) -> Response:
    """What became meanwhile of the deliveries on a page, and what came in since the one it asks `after`.

    An older page asks for those `before` one, and has no place for what comes in.
    """
    require(actor(), Act.CHANGE_SETTINGS)
    if not from_htmx():
        return away(path_of(webhook_id))
    place = _place()
    with database().reading() as session:
        found = queries.webhook(session, webhook_id)
        context = shown(session, found, before=place.before, after=place.after, left=(place.left or 1) - 1)
        return partials(session, "settings/webhook_news.html", **context)


def typed_webhook() -> dict[str, object]:
    """What a form says of a webhook; the ticks of its events come one by one, those of an Undo in a row."""
    return said("address") | {"events": " ".join(request.form.getlist("events")).split()}


def one(
    session: Session,
    webhook: Webhook,
    status: int = 200,
    *,
    before: int | None = None,
    secret: str = "",
    refused: dict[str, Any] | None = None,
) -> Response:
    """The page of a webhook, with a form on it put back as it was typed."""
    context = shown(session, webhook, before=before) | {"secret": secret, "refused": refused}
    if refused:
        context["chosen"] = request.form.getlist("events")
    return page(session, "settings/webhook.html", status, here="settings", **context)


def shown(
    session: Session, webhook: Webhook, *, before: int | None = None, after: int | None = None, left: int = LOOKS
) -> dict[str, Any]:
    """Everything that the page of a webhook, or a part of it that changed, may need."""
    found = queries.deliveries(session, webhook.id, before=before, most=queries.MOST_SHOWN + 1)
    deliveries = found[: queries.MOST_SHOWN]
    return words() | {
        "webhook": webhook,
        "chosen": webhook.events,
        "both_sign": webhook.previous_until if webhook.previous_until and webhook.previous_until > now() else None,
        "deliveries": deliveries,
        "older": deliveries[-1].id if len(found) > queries.MOST_SHOWN else None,
        "before": before,
        "after": before or after or 0,
        "total": queries.count_deliveries(session, webhook.id),
        "given_up": queries.count_given_up(session, webhook.id),
        "waiting": queries.count_waiting(session, webhook.id),
        "looks_again": left if webhook.active and any(map(_is_soon_settled, deliveries)) else 0,
    }


def _is_soon_settled(delivery: Delivery) -> bool:
    due = delivery.next_attempt_at
    return delivery.is_being_sent or (due is not None and due <= now() + SOON)


def path_of(webhook_id: int) -> str:
    """The page of a webhook."""
    return f"{BACK}/{webhook_id}"


def shown_once() -> str:
    """What whoever asks again for a secret is told."""
    return _("That was done already, and the secret was shown then. If nobody has it, give the webhook another.")


def _place() -> Place:
    asked = {name: request.args[name] for name in ("before", "after", "left") if name in request.args}
    return read(Place, asked)


def _list(session: Session, status: int = 200, refused: dict[str, Any] | None = None) -> Response:
    context = words() | {"webhooks": queries.webhooks(session)}
    context["chosen"] = request.form.getlist("events") if refused else context["kinds"]
    return page(session, "settings/webhooks.html", status, here="settings", refused=refused, **context)
