"""Webhooks over JSON, for admins: which programs are told of what, and what became of each event."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self

from flask import Response
from pydantic import Field

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit, permit_opening, vela
from vela.blueprints.api.paging import LongPageQuery
from vela.blueprints.api.reading import DeliveryPath, WebhookPath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.clock import now
from vela.domain.audit import trail
from vela.domain.notifying import commands, queries
from vela.domain.notifying.intake import NewWebhook, WebhookChanges
from vela.domain.notifying.kinds import CHOSEN, Kind
from vela.domain.notifying.models import Delivery, Webhook
from vela.domain.people.access import Act
from vela.shapes.base import Shape

TAG = "Webhooks"
ADDRESS = "https://example.com/hooks/vela"
EXAMPLE = {"address": ADDRESS, "events": ["transaction.recorded", "transaction.voided", "month.closed"]}


class WebhookShape(Shape):
    """A webhook: where to and of what; `off` says why it is not active.

    Until `both_sign_until` the secret before the present one signs, too.
    """

    id: int
    address: str
    events: list[Kind]
    active: bool
    off: Annotated[
        Literal["", "person", "gone", "failing", "secret"],
        Field(
            description="Why it is off: a person turned it off, it answered 410, it failed for three days, or its "
            "secret cannot be opened any more. Empty while it is active."
        ),
    ]
    failing_since: datetime | None
    both_sign_until: datetime | None
    created_at: datetime
    created_by: str
    version: int

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        until = webhook.previous_until
        computed = {"both_sign_until": until if until and until > now() else None}
        stored = set(WebhookShape.model_fields) - set(computed)
        return cls.model_validate({name: getattr(webhook, name) for name in stored} | computed)


class WebhookWithSecretShape(WebhookShape):
    """A webhook with a secret that was just made; nothing ever shows it again."""

    secret: Annotated[
        str | None,
        Field(
            description="What its events are signed with. Null when the answer is given again under its "
            "Idempotency-Key: if nobody has the secret, rotate it."
        ),
    ] = None


class DeliveryShape(Shape):
    """An event on its way to a webhook: what is sent, and what came back last, of which the beginning is kept."""

    id: int
    webhook_id: int
    event: Annotated[str, Field(description="The webhook-id, the same at each attempt.")]
    kind: Kind
    at: Annotated[datetime, Field(description="When it happened.")]
    state: Literal["waiting", "sending", "delivered", "given_up"]
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None
    status: Annotated[int | None, Field(description="What was answered last; null when nothing was.")]
    trouble: Annotated[
        Literal["", "private", "unknown_name", "unreachable", "certificate", "timeout", "broken_off", "fault"],
        Field(
            description="What kept the last attempt from being answered; empty when it was. `fault` is one of Vela's "
            "own, which its log tells of."
        ),
    ]
    answer: str
    body: Annotated[str, Field(description="The text that is sent and signed.")]

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        event = delivery.event
        told = {"event": event.name, "kind": event.kind, "at": event.at, "body": event.body}
        last = {name: getattr(delivery, f"last_{name}") for name in ("status", "trouble", "answer")}
        stored = set(cls.model_fields) - set(told) - set(last)
        return cls.model_validate({name: getattr(delivery, name) for name in stored} | told | last)


class ReplayedShape(Shape):
    """How many deliveries to a webhook are on their way again."""

    webhook_id: int
    count: int


class WebhookUpdate(Versioned, WebhookChanges):
    """What to change of a webhook; what is left out keeps its value."""

    echoes = frozenset({"id", "off", "failing_since", "both_sign_until", "created_at", "created_by"})


def _private() -> bool:
    return vela().settings.webhooks_private


@call("GET /webhooks", TAG, Answer(model=WebhookShape, many=True, headers=("X-Total-Count",)), refuses=NEEDS_RIGHTS)
def list_webhooks() -> Response:
    """All webhooks, oldest first."""
    permit(Act.CHANGE_SETTINGS)
    with database().reading() as session:
        return listing([WebhookShape.of(each) for each in queries.webhooks(session)])


@call("GET /webhooks/<webhook_id>", TAG, Answer(model=WebhookShape, headers=("ETag",)), refuses=(*NEEDS_RIGHTS, 404))
def get_webhook(path: WebhookPath) -> Response:
    """One webhook."""
    permit(Act.CHANGE_SETTINGS)
    with database().reading() as session:
        webhook = queries.webhook(session, path.webhook_id)
        return answer(WebhookShape.of(webhook), version=webhook.version)


@call(
    "POST /webhooks",
    TAG,
    Answer(HTTPStatus.CREATED, WebhookWithSecretShape, headers=("Location", "ETag")),
    said=NewWebhook,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def add_webhook() -> Response:
    """Tell a program of what happens from now on; this answer is the only one that ever shows the secret.

    There can be 20. The events are: `transaction.recorded`, `transaction.voided`, `transaction.restored`,
    `service.price_changed`, `month.closed`, `month.reopened`.
    """
    permit_opening(Act.CHANGE_SETTINGS)
    words = body(NewWebhook)
    with creating(words) as (session, keep):
        webhook, secret = commands.add_webhook(session, actor(), vela().sealer, words, private=_private())
        shape, place = WebhookWithSecretShape.of(webhook), f"/api/webhooks/{webhook.id}"
        told = [
            answer(each, HTTPStatus.CREATED, place=place, version=webhook.version)
            for each in (shape.model_copy(update={"secret": secret}), shape)
        ]
        return keep(told[0], again=told[1])


@call(
    "PUT /webhooks/<webhook_id>",
    TAG,
    Answer(model=WebhookShape, headers=("ETag",)),
    said=WebhookUpdate,
    example={"events": [kind.value for kind in CHOSEN], "active": True, "version": 1},
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def change_webhook(path: WebhookPath) -> Response:
    """Change what was sent of a webhook; while it is not active, nothing is written down for it."""
    permit_opening(Act.CHANGE_SETTINGS)
    words = body(WebhookUpdate)
    with database().transaction() as session:
        webhook = commands.held_webhook(session, path.webhook_id)
        last = trail.latest(session, "webhook", webhook.id)
        refuse_unmatched(webhook.version, last.username if last else None, last.at if last else None)
        changed = commands.change_webhook(
            session, actor(), webhook.id, words, version=words.read_version, private=_private()
        )
        return answer(WebhookShape.of(changed), version=changed.version)


@call(
    "DELETE /webhooks/<webhook_id>",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Removed"),
    refuses=(*NEEDS_RIGHTS, 404),
)
def remove_webhook(path: WebhookPath) -> Response:
    """Take a webhook away, with its deliveries and whatever still waits for it."""
    permit(Act.CHANGE_SETTINGS)
    with database().transaction() as session:
        commands.remove_webhook(session, actor(), path.webhook_id)
        return nothing()


@call(
    "POST /webhooks/<webhook_id>/rotate",
    TAG,
    Answer(model=WebhookWithSecretShape, headers=("ETag",)),
    refuses=(*NEEDS_RIGHTS, 404),
    takes_key=True,
)
def rotate_webhook(path: WebhookPath) -> Response:
    """Another secret, shown only in this answer; for a day the one before signs beside it."""
    permit_opening(Act.CHANGE_SETTINGS)
    with creating() as (session, keep):
        webhook, secret = commands.rotate_secret(session, actor(), vela().sealer, path.webhook_id)
        shape = WebhookWithSecretShape.of(webhook)
        fresh = answer(shape.model_copy(update={"secret": secret}), version=webhook.version)
        return keep(fresh, again=answer(shape, version=webhook.version))


@call(
    "POST /webhooks/<webhook_id>/ping",
    TAG,
    Answer(HTTPStatus.ACCEPTED, DeliveryShape),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def ping_webhook(path: WebhookPath) -> Response:
    """Send an event of the kind `ping`, to try a webhook; when it is off, it is 409 WEBHOOK_OFF."""
    permit(Act.CHANGE_SETTINGS)
    with creating() as (session, keep):
        sent = commands.ping(session, actor(), path.webhook_id)
        return keep(answer(DeliveryShape.of(sent), HTTPStatus.ACCEPTED))


@call(
    "GET /webhooks/<webhook_id>/deliveries",
    TAG,
    Answer(model=DeliveryShape, many=True, headers=PAGED),
    refuses=(*NEEDS_RIGHTS, 404),
)
def list_deliveries(path: WebhookPath, query: LongPageQuery) -> Response:
    """What a webhook was or will be told, newest first; it is forgotten after 30 days."""
    permit(Act.CHANGE_SETTINGS)
    with database().reading() as session:
        found = queries.deliveries(session, path.webhook_id, before=query.cursor, most=query.most)
        page, total = query.page(found, lambda sent: sent.id), queries.count_deliveries(session, path.webhook_id)
        return listing([DeliveryShape.of(each) for each in page.things], total, page.following)


@call(
    "POST /webhooks/<webhook_id>/replay",
    TAG,
    Answer(HTTPStatus.ACCEPTED, ReplayedShape),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def replay_given_up(path: WebhookPath) -> Response:
    """Send every event again that was given up, each with the same webhook-id and body, oldest first.

    `count` is 0 when none was; when the webhook is off, it is 409 WEBHOOK_OFF.
    """
    permit(Act.CHANGE_SETTINGS)
    with creating() as (session, keep):
        count = commands.replay_given_up(session, actor(), path.webhook_id)
        return keep(answer(ReplayedShape(webhook_id=path.webhook_id, count=count), HTTPStatus.ACCEPTED))


@call(
    "POST /deliveries/<delivery_id>/replay",
    TAG,
    Answer(HTTPStatus.ACCEPTED, DeliveryShape),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def replay_delivery(path: DeliveryPath) -> Response:
    """Send an event again at once, with the same webhook-id and body, whatever became of it before.

    While it is being sent, it is 409 BEING_SENT; when its webhook is off, 409 WEBHOOK_OFF.
    """
    permit(Act.CHANGE_SETTINGS)
    with creating() as (session, keep):
        again = commands.replay(session, actor(), path.delivery_id)
        return keep(answer(DeliveryShape.of(again), HTTPStatus.ACCEPTED))
