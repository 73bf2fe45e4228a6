"""What an offer was: its revisions, two of them side by side, its prices over time."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from vela import money
from vela.domain.catalog.comparing import Comparison, Pair
from vela.domain.catalog.history import PricePoint
from vela.domain.catalog.models import Revision, RevisionLine, Service
from vela.domain.catalog.pricing import Totals
from vela.domain.catalog.revisions import Change, differences
from vela.shapes.base import MaybeNumber, Number, Shape, Value
from vela.shapes.offers import UnitShape


class ChangeShape(Shape):
    """One field that a revision changed; `component_id` is null for a field of the offer itself."""

    component_id: int | None
    subject: str
    field: str
    before: Value
    after: Value

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            component_id=change.component_id,
            subject=change.subject,
            field=change.field,
            before=_plain(change.before),
            after=_plain(change.after),
        )


def _plain(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


class RevisionShape(Shape):
    """An offer as it stood after one change, and what that change was."""

    number: int
    at: datetime
    author: str
    face: str
    action: str
    reason: str
    undoes: Annotated[int | None, Field(description="The number of the revision that this one takes back.")]
    cost_price: Number
    sell_price: Number
    margin: Number
    margin_pct: MaybeNumber
    changes: list[ChangeShape]

    @classmethod
    def of(cls, revision: Revision, before: Revision | None, undoes: int | None) -> Self:
        computed = {
            "undoes": undoes,
            "cost_price": revision.totals.cost,
            "sell_price": revision.totals.sell,
            "margin": revision.totals.margin,
            "margin_pct": revision.totals.margin_pct,
            "changes": [ChangeShape.of(change) for change in differences(before, revision)],
        }
        stored = set(cls.model_fields) - set(computed)
        return cls.model_validate({name: getattr(revision, name) for name in stored} | computed)


class RevisionLineShape(Shape):
    """A component as it stood in a revision; cost, sell and margin are for its whole quantity."""

    component_id: int
    version: int
    position: int
    name: str
    group: str
    kind: Literal["part", "adjustment"]
    quantity: Number
    unit_cost: Number
    unit_sell: Number
    cost: Number
    sell: Number
    margin: Number
    margin_pct: MaybeNumber
    notes: str

    @classmethod
    def of(cls, line: RevisionLine) -> Self:
        priced = {"margin": line.totals.margin, "margin_pct": line.totals.margin_pct}
        stored = set(cls.model_fields) - set(priced)
        return cls.model_validate({name: getattr(line, name) for name in stored} | priced)


class WholeRevisionShape(RevisionShape):
    """An offer as it stood after one change, with all it was, and what that change was."""

    name: str
    description: str
    list_cost: MaybeNumber
    list_sell: MaybeNumber
    target_margin_pct: MaybeNumber
    active: bool
    lines: list[RevisionLineShape]

    @classmethod
    def whole(cls, revision: Revision, before: Revision | None, undoes: int | None) -> Self:
        told = dict(RevisionShape.of(revision, before, undoes))
        mine = set(cls.model_fields) - set(told) - {"lines"}
        lines = [RevisionLineShape.of(line) for line in revision.lines]
        return cls.model_validate(told | {name: getattr(revision, name) for name in mine} | {"lines": lines})


class MovedShape(Shape):
    """By how much cost, price and margin moved, negative for less; margin_pct_points is null where one of the sides has
    no price."""

    cost: Number
    sell: Number
    margin: Number
    margin_pct_points: MaybeNumber

    @classmethod
    def between(cls, first: Totals | None, second: Totals | None, moved: Totals) -> Self:
        points = money.points(first and first.margin_pct, second and second.margin_pct)
        return cls(cost=moved.cost, sell=moved.sell, margin=moved.margin, margin_pct_points=points)


class SideShape(UnitShape):
    """One of two revisions that are compared."""

    number: int
    at: datetime
    author: str
    action: str

    @classmethod
    def at_revision(cls, revision: Revision) -> Self:
        priced = dict(UnitShape.of(revision.totals))
        return cls(number=revision.number, at=revision.at, author=revision.author, action=revision.action, **priced)


class LinePairShape(Shape):
    """A component in the first revision and in the second; null where it was not part of the offer."""

    component_id: int
    name: str
    kind: Literal["added", "removed", "changed", "same"]
    first: RevisionLineShape | None
    second: RevisionLineShape | None
    change: MovedShape

    @classmethod
    def of(cls, pair: Pair) -> Self:
        first, second = pair.first, pair.second
        known = second or first
        return cls.model_validate(
            {
                "component_id": known.component_id if known else 0,
                "name": pair.name,
                "kind": pair.kind,
                "first": first and RevisionLineShape.of(first),
                "second": second and RevisionLineShape.of(second),
                "change": MovedShape.between(first and first.totals, second and second.totals, pair.change),
            }
        )


class ComparisonShape(Shape):
    """Two revisions of an offer side by side: by how much the second differs for one unit, in the currency of the
    books, what differs in the offer itself, then line by line, removed ones last."""

    service_id: int
    name: str
    currency: str
    first: SideShape
    second: SideShape
    change: MovedShape
    changes: list[ChangeShape]
    lines: list[LinePairShape]

    @classmethod
    def of(cls, service: Service, compared: Comparison, currency: str) -> Self:
        first, second = compared.first, compared.second
        return cls(
            service_id=service.id,
            name=service.name,
            currency=currency,
            first=SideShape.at_revision(first),
            second=SideShape.at_revision(second),
            change=MovedShape.between(first.totals, second.totals, compared.change),
            changes=[ChangeShape.of(change) for change in compared.offer],
            lines=[LinePairShape.of(pair) for pair in compared.pairs],
        )


class PricePointShape(UnitShape):
    """What a service cost and sold for from a moment on."""

    at: datetime

    @classmethod
    def at_point(cls, point: PricePoint) -> Self:
        return cls(at=point.at, **dict(UnitShape.of(point.totals)))
