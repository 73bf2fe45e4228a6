"""The table of changes that were proposed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vela.clock import now
from vela.columns import Instant
from vela.db import Base
from vela.domain.people.models import PersonalToken, User


class State(StrEnum):
    """How far a proposal has come. Not stored: it is expired when it still waits after its time, and withdrawn when it
    still waits and its token was ended, or its user deactivated."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Proposal(Base):
    """A change that a token proposed: what was said, what it would do, and what a person decided."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'declined')", name="state"),
        Index(None, "state", "id"),
        Index(None, "user_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token_id: Mapped[int | None] = mapped_column(ForeignKey("personal_tokens.id"))
    token_name: Mapped[str] = mapped_column(String(80), default="")
    face: Mapped[str] = mapped_column(String(20))
    change: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    moved_at: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[str] = mapped_column("state", String(10), default=State.WAITING.value)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(80))

    user: Mapped[User] = relationship(lazy="joined")
    token: Mapped[PersonalToken | None] = relationship(lazy="joined")

    @property
    def standing(self) -> State:
        """How far it has come at this moment."""
        if self.state != State.WAITING:
            return State(self.state)
        if not self.user.active or (self.token is not None and self.token.ended_at is not None):
            return State.WITHDRAWN
        return State.EXPIRED if self.expires_at <= now() else State.WAITING
