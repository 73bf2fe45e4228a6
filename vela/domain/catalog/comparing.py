"""Two revisions of an offer side by side, line by line."""

from dataclasses import dataclass
from decimal import Decimal

from vela.domain.catalog.models import Revision, RevisionLine
from vela.domain.catalog.pricing import Totals
from vela.domain.catalog.revisions import LINE_FIELDS, SERVICE_FIELDS, Change

NOTHING = Totals(Decimal("0.00"), Decimal("0.00"))
SHOWN = tuple(field for field in LINE_FIELDS if field != "position")


@dataclass(frozen=True, slots=True)
class Pair:
    """A component in the first revision and in the second; None where it was not part of the offer."""

    first: RevisionLine | None
    second: RevisionLine | None

    @property
    def kind(self) -> str:
        """added, removed, changed, or same."""
        if self.first is None or self.second is None:
            return "added" if self.first is None else "removed"
        return "changed" if any(self.differs(field) for field in SHOWN) else "same"

    @property
    def name(self) -> str:
        """What the component is called, in the second where it is there."""
        line = self.second or self.first
        return line.name if line else ""

    def differs(self, field: str) -> bool:
        """Whether a field is not the same in both."""
        return getattr(self.first, field, None) != getattr(self.second, field, None)

    @property
    def change(self) -> Totals:
        """How much more the line costs and sells for in the second."""
        before = self.first.totals if self.first else NOTHING
        after = self.second.totals if self.second else NOTHING
        return Totals(after.cost - before.cost, after.sell - before.sell)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two revisions of one offer, what differs in the offer itself, and their lines in the order of the second."""

    first: Revision
    second: Revision
    offer: list[Change]
    pairs: list[Pair]

    @property
    def change(self) -> Totals:
        """How much more the offer costs and sells for in the second."""
        return Totals(self.second.cost - self.first.cost, self.second.sell - self.first.sell)


def compare(first: Revision, second: Revision) -> Comparison:
    """Set two revisions side by side; what was removed stands at the end."""
    olds = {line.component_id: line for line in first.lines}
    news = {line.component_id: line for line in second.lines}
    pairs = [Pair(olds.get(identity), line) for identity, line in news.items()]
    pairs += [Pair(line, None) for identity, line in olds.items() if identity not in news]
    changes = [
        Change(None, second.name, field, getattr(first, field), getattr(second, field))
        for field in SERVICE_FIELDS
        if getattr(first, field) != getattr(second, field)
    ]
    return Comparison(first, second, changes, pairs)
