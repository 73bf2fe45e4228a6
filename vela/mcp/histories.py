"""What agents are answered about the past of offers and of the books: revisions, two side by side, the trail."""

from collections.abc import Mapping, Sequence
from typing import Self

from vela.domain.audit.models import AuditEntry
from vela.domain.catalog.models import Revision, Service
from vela.shapes.base import Shape
from vela.shapes.people import AuditEntryShape
from vela.shapes.revisions import RevisionShape


class RevisionsShape(Shape):
    """Revisions of an offer, newest first. `total` is how many it has in all; `next_before` is the `before` with which
    the list goes on, null at its end."""

    service_id: int
    name: str
    currency: str
    total: int
    next_before: int | None
    revisions: list[RevisionShape]

    @classmethod
    def of(
        cls, service: Service, found: Sequence[Revision], limit: int, undone: Mapping[int, int], total: int,
        currency: str,
    ) -> Self:  # fmt: skip
        """`found` holds one more than `limit` where there are more: that by which the last one shown is told."""
        shown = found[:limit]
        pairs = zip(shown, [*found[1:], None], strict=False)
        return cls(
            service_id=service.id,
            name=service.name,
            currency=currency,
            total=total,
            next_before=shown[-1].number if len(found) > limit else None,
            revisions=[RevisionShape.of(made, before, undone.get(made.undoes_id or 0)) for made, before in pairs],
        )


class ChangesShape(Shape):
    """Entries of the trail, newest first. `total` is how many there are with this subject and username; `next_before`
    is the `before` with which the list goes on, null at its end."""

    total: int
    next_before: int | None
    changes: list[AuditEntryShape]

    @classmethod
    def of(cls, found: Sequence[AuditEntry], limit: int, total: int) -> Self:
        shown = found[:limit]
        return cls(
            total=total,
            next_before=shown[-1].id if len(found) > limit else None,
            changes=[AuditEntryShape.of(entry) for entry in shown],
        )
