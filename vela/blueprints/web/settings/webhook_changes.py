"""What admins do with a webhook: change it, turn it on or off, give it another secret, try it, take it away."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done, from_htmx, partials, told
from vela.blueprints.web.confirming import admins_recently_confirmed
from vela.blueprints.web.forms import said, version_seen
from vela.blueprints.web.guards import actor, database, vela
from vela.blueprints.web.once import keep, once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.settings.looking import kept
from vela.blueprints.web.settings.webhooks import BACK, one, path_of, shown, shown_once, typed_webhook
from vela.domain.notifying import commands, queries
from vela.domain.notifying.intake import WebhookChanges
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid, Stale
from vela.intake import read
from vela.language import gettext as _
from vela.language import ngettext
from vela.problems import status_of
from vela.wording.webhook_words import listed, words

FORM = "webhook"


@pages.post("/settings/webhooks/<int:webhook_id>")
@admins_recently_confirmed
def change_webhook(webhook_id: int) -> Response:
    """Change where events are sent, and which."""
    require(actor(), Act.CHANGE_SETTINGS)
    try:
        with database().transaction() as session:
            before = commands.held_webhook(session, webhook_id)
            was = {"address": before.address, "events": before.kinds, "version": before.version}
            typed, private = read(WebhookChanges, typed_webhook()), vela().settings.webhooks_private
            webhook = commands.change_webhook(
                session, actor(), webhook_id, typed, version=version_seen(), private=private
            )
            undo = None if webhook.version == was["version"] else was
            done_words = _("The webhook is changed.") if undo else _("Nothing was changed.")
            context: dict[str, Any] = shown(session, webhook) | {"undo": undo, "told": done_words}
            return done(session, "settings/webhook_changed.html", path_of(webhook_id), words=done_words, **context)
    except (Invalid, Conflict) as error:
        return _unchanged(webhook_id, error)


@pages.post("/settings/webhooks/<int:webhook_id>/active")
@admins_recently_confirmed
def turn_webhook(webhook_id: int) -> Response:
    """Turn a webhook on or off."""
    require(actor(), Act.CHANGE_SETTINGS)
    with database().transaction() as session:
        was = commands.held_webhook(session, webhook_id).active
        webhook = commands.change_webhook(session, actor(), webhook_id, read(WebhookChanges, said("active")))
        done_words = _("The webhook is on.") if webhook.active else _("The webhook is off.")
        context: dict[str, Any] = shown(session, webhook) | {"was_active": was, "told": done_words}
        return done(session, "settings/webhook_turned.html", path_of(webhook_id), words=done_words, **context)


@pages.post("/settings/webhooks/<int:webhook_id>/secret")
@admins_recently_confirmed
def rotate_webhook(webhook_id: int) -> Response:
    """Another secret, which only this answer shows."""
    with once(Act.CHANGE_SETTINGS) as session:
        webhook, secret = commands.rotate_secret(session, actor(), vela().sealer, webhook_id)
        if from_htmx():
            response = partials(session, "settings/webhook_secret.html", secret=secret, **shown(session, webhook))
        else:
            response = one(session, webhook, secret=secret)
        return keep(session, response, path_of(webhook_id), instead=shown_once())


@pages.post("/settings/webhooks/<int:webhook_id>/ping")
def ping_webhook(webhook_id: int) -> Response:
    """Send an event that means nothing."""
    with once(Act.CHANGE_SETTINGS) as session:
        sent = commands.ping(session, actor(), webhook_id)
        return _sent(session, sent.webhook_id, _("A ping is on its way."))


@pages.post("/settings/webhooks/<int:webhook_id>/remove")
@admins_recently_confirmed
def remove_webhook(webhook_id: int) -> Response:
    """Take a webhook away, with all that waits for it."""
    with database().transaction() as session:
        commands.remove_webhook(session, actor(), webhook_id)
    return told(_("The webhook is removed."), BACK)


@pages.post("/settings/deliveries/<int:delivery_id>/again")
def send_again(delivery_id: int) -> Response:
    """Send an event again, under its own name."""
    with once(Act.CHANGE_SETTINGS) as session:
        again = commands.replay(session, actor(), delivery_id)
        return _sent(session, again.webhook_id, _("The event is on its way again."))


@pages.post("/settings/webhooks/<int:webhook_id>/again")
def send_given_up_again(webhook_id: int) -> Response:
    """Send every event again that was given up."""
    with once(Act.CHANGE_SETTINGS) as session:
        count = commands.replay_given_up(session, actor(), webhook_id)
        told = ngettext("%(count)d event is on its way again.", "%(count)d events are on their way again.", count)
        return _sent(session, webhook_id, told if count else _("No event waits to be sent again: none was given up."))


def _sent(session: Session, webhook_id: int, done_words: str) -> Response:
    webhook = queries.webhook(session, webhook_id)
    context: dict[str, Any] = shown(session, webhook, before=_number("before"), after=_number("after"))
    context["told"] = done_words
    return done(session, "settings/webhook_sent.html", path_of(webhook_id), words=done_words, **context)


def _number(name: str) -> int | None:
    """Where in the list of deliveries the page stands, as it says itself; None when it does not."""
    said = request.form.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 16 else None


def _unchanged(webhook_id: int, error: Invalid | Conflict) -> Response:
    if from_htmx() and not isinstance(error, Stale):
        raise error
    with database().reading() as session:
        webhook = queries.webhook(session, webhook_id)
        if not isinstance(error, Stale):
            return one(session, webhook, status_of(error), refused=kept(FORM, error))
        disputes = _disputes(error)
        about_events = _on_events(error, disputes["events"][0]) if "events" in disputes else ""
        if not from_htmx():
            refused = kept(FORM, error)
            refused["errors"] |= {"events": about_events} if about_events else {}
            return one(session, webhook, status_of(error), refused=refused)
        context = words() | {"webhook": webhook, "error": error, "about_events": about_events, "about_address": None}
        if "address" in disputes:
            theirs, yours = disputes["address"]
            known = {name: error.data[name] for name in ("who", "at", "version")}
            context["about_address"] = known | {"theirs": theirs, "yours": yours}
        return partials(session, "settings/webhook_disputed.html", status_of(error), **context)


def _disputes(error: Stale) -> dict[str, tuple[Any, Any]]:
    """Theirs and yours of each field that somebody else changed meanwhile."""
    found: list[tuple[str, Any, Any]] = error.data["disputes"]
    return {field: (theirs, yours) for field, theirs, yours in found}


def _on_events(error: Stale, theirs: list[str]) -> str:
    return _(
        "%(who)s changed this to %(theirs)s meanwhile. Save to have yours.",
        who=error.data["who"],
        theirs=listed(theirs),
    )
