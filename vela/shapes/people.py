"""Users, and the trail of what was done, as they are answered."""

from datetime import datetime
from typing import Any, Literal, Self

from vela.domain.audit.models import AuditEntry
from vela.domain.people.models import User
from vela.shapes.base import Shape


class UserShape(Shape):
    """A user, without anything secret."""

    id: int
    username: str
    display_name: str
    role: Literal["admin", "viewer"]
    may_record_sales: bool
    active: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate({name: getattr(user, name) for name in cls.model_fields})


class AuditEntryShape(Shape):
    """One change: who made it through which face, and the thing before and after. Each hash covers the one before."""

    id: int
    at: datetime
    username: str
    face: str
    token_name: str
    request_id: str
    action: str
    subject: str
    subject_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    prev_hash: str
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        return cls.model_validate({name: getattr(entry, name) for name in cls.model_fields})
