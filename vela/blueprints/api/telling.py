"""The section `webhooks` of the OpenAPI document: what receivers are sent, and what they should answer."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from vela.blueprints.api.describing import content
from vela.domain.notifying.kinds import Kind
from vela.shapes.base import MaybeNumber, Number, Shape
from vela.shapes.ledger import ClosedMonthShape, TransactionShape


class PricedShape(Shape):
    """What one unit of an offer costs, sells for and earns."""

    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber


class PriceChangeShape(Shape):
    """A price that moved; `action` is what was done to the offer, and `revision` is what that made of it."""

    service_id: int
    service_name: str
    revision: int
    action: Annotated[str, Field(examples=["reprice"])]
    before: PricedShape
    after: PricedShape
    currency: str
    changed_by: str
    changed_at: datetime


class ReopenedMonthShape(ClosedMonthShape):
    """A month that was reopened: what it had been closed with, and who reopened it and why."""

    reopened_by: str
    reopened_because: str


class PingShape(Shape):
    """Nothing happened: somebody tries a webhook."""

    webhook_id: int
    by: str


DATA: dict[Kind, tuple[type[BaseModel], str]] = {
    Kind.RECORDED: (TransactionShape, "A sale was recorded"),
    Kind.VOIDED: (TransactionShape, "A sale was voided"),
    Kind.RESTORED: (TransactionShape, "A voided sale counts again"),
    Kind.PRICE_CHANGED: (PriceChangeShape, "What an offer costs or sells for moved"),
    Kind.CLOSED: (ClosedMonthShape, "A month was closed"),
    Kind.REOPENED: (ReopenedMonthShape, "A month was reopened"),
    Kind.PING: (PingShape, "Somebody tries the webhook"),
}
WORDS = (
    "Answer with any status from 200 to 299 within 15 seconds. Otherwise, redirects included, it is sent again: after "
    "5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours. 410 turns the webhook off. An event may come more "
    "than once, always with the same webhook-id, and later than others when it had to be sent again."
)
HEADERS = {
    "webhook-id": (
        "The event; the same whenever it is sent.",
        {"type": "string", "examples": ["msg_2KWPBgLlAfxdpx2A"]},
    ),
    "webhook-timestamp": ("When it was sent, in seconds since 1970.", {"type": "integer", "examples": [1674087231]}),
    "webhook-signature": (
        "`v1,` and base64(HMAC-SHA256(secret, `webhook-id.webhook-timestamp.body`)); several are separated by spaces.",
        {"type": "string", "examples": ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="]},
    ),
}


def webhooks() -> dict[str, Any]:
    """The whole section, by the kinds of events."""
    return {
        kind.value: _told(kind, content(model, "serialization")["schema"]) for kind, (model, _words) in DATA.items()
    }


def _told(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    """The request that tells of events of a kind; `data` is the schema of what it says of one."""
    return {
        "post": {
            "tags": ["Webhooks"],
            "operationId": f"on_{kind.value.replace('.', '_')}",
            "summary": DATA[kind][1],
            "description": WORDS,
            "security": [],
            "parameters": [
                {"name": name, "in": "header", "required": True, "description": words, "schema": schema}
                for name, (words, schema) in HEADERS.items()
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": _event(kind, data)}}},
            "responses": {"2XX": {"description": "It was received."}, "410": {"description": "Nobody listens here."}},
        }
    }


def _event(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "const": kind.value},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": data,
        },
    }
