"""Tables of webhooks, of the events that some webhook asked for, and of each one's delivery."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vela.clock import now
from vela.columns import Instant
from vela.db import Base
from vela.domain.notifying.kinds import CHOSEN, Kind

LONGEST_ADDRESS = 1000
LONGEST_ANSWER = 2000

State = Literal["waiting", "sending", "delivered", "given_up"]


class Webhook(Base):
    """An address elsewhere, and which kinds of events it is told of; its secret is sealed.

    `off` says why it is not active: a person turned it off, it said itself that it is gone, it failed for days, or its
    secret cannot be opened any more. After a new secret the one before signs too, until `previous_until`.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("off IN ('', 'person', 'gone', 'failing', 'secret')", name="off"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    kinds: Mapped[str] = mapped_column(String(400))
    off: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    sealed: Mapped[str] = mapped_column(String(300))
    previous_sealed: Mapped[str | None] = mapped_column(String(300))
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    resting_until: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(80))

    @property
    def active(self) -> bool:
        return not self.off

    @property
    def events(self) -> list[Kind]:
        """The kinds it asked for, in the order in which all of them stand."""
        asked = self.kinds.split()
        return [kind for kind in CHOSEN if kind.value in asked]


class WebhookEvent(Base):
    """Something that happened, as it is told: `name` is its webhook-id, and `body` is sent as it stands here."""

    __tablename__ = "webhook_events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    body: Mapped[str] = mapped_column(Text)


class Delivery(Base):
    """One event for one webhook, until it is delivered or given up.

    `step` is how many attempts were made since it was last begun, `attempts` how many at all. While somebody sends it,
    `claim` is theirs and others leave it alone until `claimed_until`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(None, "webhook_id", "id"),
        Index(None, "webhook_id", "next_attempt_at"),
        Index(None, "webhook_id", "claimed_until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("webhook_events.id"), index=True)
    step: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    claim: Mapped[str] = mapped_column(String(32), default="")
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    last_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    last_status: Mapped[int | None] = mapped_column()
    last_trouble: Mapped[str] = mapped_column(String(20), default="")
    last_answer: Mapped[str] = mapped_column(String(LONGEST_ANSWER), default="")
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)

    event: Mapped[WebhookEvent] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_being_sent(self) -> bool:
        return self.claimed_until is not None and self.claimed_until > now()

    @property
    def state(self) -> State:
        if self.delivered_at is not None:
            return "delivered"
        if self.given_up_at is not None:
            return "given_up"
        return "sending" if self.is_being_sent else "waiting"
