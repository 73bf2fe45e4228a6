"""Tables of the trail, which only ever grows, and of what the self-checks found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from vela.columns import Instant
from vela.db import Base

HASH_LENGTH = 64
NOTHING_YET = "0" * HASH_LENGTH


class AuditEntry(Base):
    """One change: the act, the thing it was done to, the thing before and after, and the hash that chains it.

    The database itself refuses to change or delete an entry.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "subject", "subject_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    username: Mapped[str] = mapped_column(String(80), index=True)
    face: Mapped[str] = mapped_column(String(20))
    token_name: Mapped[str] = mapped_column(String(80), default="")
    request_id: Mapped[str] = mapped_column(String(36), default="")
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column()
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    prev_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True, unique=True)


class AuditHead(Base):
    """The one row that names the newest entry, and says whether the books are stopped.

    Every change takes its turn here, last of all, so that no change passes a stop.
    """

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH), default=NOTHING_YET)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    stopped_because: Mapped[str] = mapped_column(String(500), default="")


class CheckResult(Base):
    """One self-check: when, asked for by what, and what it found."""

    __tablename__ = "check_results"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    ok: Mapped[bool] = mapped_column()
    findings: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class AcceptedFinding(Base):
    """A finding that an operator has looked into and that no longer stops the books, with their reason."""

    __tablename__ = "accepted_findings"

    code: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(500))
