"""The kinds of events that webhooks are told of."""

from enum import StrEnum


class Kind(StrEnum):
    """Something that happened; each kind has one form of data, which docs/api.md shows."""

    RECORDED = "transaction.recorded"
    VOIDED = "transaction.voided"
    RESTORED = "transaction.restored"
    PRICE_CHANGED = "service.price_changed"
    CLOSED = "month.closed"
    REOPENED = "month.reopened"
    PING = "ping"


CHOSEN = tuple(kind for kind in Kind if kind is not Kind.PING)
"""What a webhook can ask for; a ping is sent when somebody wants to try it."""
