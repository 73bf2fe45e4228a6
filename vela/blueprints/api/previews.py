"""How files that wait to be confirmed are answered: what would become of every row, month and offer."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field

from vela.domain.importing.fates import Complaint, Fate
from vela.domain.importing.files import Brought
from vela.domain.importing.offers import OfferFate, OfferRow, OffersChecked
from vela.domain.importing.sales import SaleRow, SalesChecked
from vela.shapes.base import MaybeMonth, MaybeNumber, MonthName, Number, Shape
from vela.shapes.revisions import ChangeShape


class RowComplaintShape(Shape):
    """What is wrong in a row: the column, empty for the row as a whole, and a sentence."""

    column: str
    detail: str

    @classmethod
    def all(cls, found: Sequence[Complaint]) -> list[Self]:
        return [cls(column=each.column, detail=each.words) for each in found]


class SaleRowShape(Shape):
    """A row and what becomes of it: `add`, `same` (recorded already, or left out as voided) or `bad`.

    `number` is that of the row in the file, `cells` what it says; revenue and cost are what it would be recorded with.
    """

    number: int
    fate: Fate
    cells: dict[str, str]
    month: MaybeMonth
    revenue: MaybeNumber
    cost: MaybeNumber
    remark: str
    complaints: list[RowComplaintShape]

    @classmethod
    def of(cls, row: SaleRow) -> Self:
        return cls(
            number=row.line.number,
            fate=row.fate,
            cells=dict(row.line.cells),
            month=row.month,
            revenue=row.worth.sell if row.worth else None,
            cost=row.worth.cost if row.worth else None,
            remark=row.remark,
            complaints=RowComplaintShape.all(row.complaints),
        )


class MonthGainedShape(Shape):
    """How many sales a month would gain, and what they bring and cost."""

    month: MonthName
    sales: int
    revenue: Number
    cost: Number


class PreviewShape(Shape):
    """A file that waits to be confirmed, and what would become of it now.

    `seen` stands for exactly this outcome: send it to confirm.
    `guessed` is a number that could be read in two ways, and `as_read` how it was.
    """

    id: int
    name: str
    seen: str
    counts: Annotated[dict[Fate, int], Field(description="How many rows, or offers, have each fate.")]
    ignored_columns: list[str]
    guessed: str
    as_read: str

    @classmethod
    def known(cls, brought: Brought, checked: SalesChecked | OffersChecked) -> dict[str, Any]:
        table = brought.table
        return {
            "id": brought.id,
            "name": brought.name,
            "seen": checked.mark,
            "counts": {fate: checked.count(fate) for fate in Fate},
            "ignored_columns": list(table.ignored),
            "guessed": table.guessed,
            "as_read": table.as_read,
        }


class SalesPreviewShape(PreviewShape):
    """A file of sales, what would become of each row, and what each month would gain."""

    months: list[MonthGainedShape]
    rows: list[SaleRowShape]

    @classmethod
    def of(cls, brought: Brought, checked: SalesChecked) -> Self:
        months = [
            MonthGainedShape(month=month, sales=count, revenue=totals.sell, cost=totals.cost)
            for month, (count, totals) in checked.months.items()
        ]
        rows = [SaleRowShape.of(row) for row in checked.rows]
        return cls.model_validate(cls.known(brought, checked) | {"months": months, "rows": rows})


class OfferRowShape(Shape):
    """A row of a component, or of an offer, and what becomes of it; a bad one without complaints waits for another."""

    number: int
    fate: Fate
    cells: dict[str, str]
    changes: list[ChangeShape]
    complaints: list[RowComplaintShape]

    @classmethod
    def of(cls, row: OfferRow) -> Self:
        return cls(
            number=row.line.number,
            fate=row.fate,
            cells=dict(row.line.cells),
            changes=[ChangeShape.of(change) for change in row.changes],
            complaints=RowComplaintShape.all(row.complaints),
        )


class OfferFateShape(Shape):
    """What becomes of an offer: what it costs and sells for before and afterwards, null where there is nothing."""

    name: str
    fate: Fate
    service_id: int | None
    cost_before: MaybeNumber
    sell_before: MaybeNumber
    cost_after: MaybeNumber
    sell_after: MaybeNumber

    @classmethod
    def of(cls, offer: OfferFate) -> Self:
        before, after = offer.before, offer.after
        return cls(
            name=offer.name,
            fate=offer.fate,
            service_id=None if offer.fate is Fate.ADD else offer.service_id,
            cost_before=before.cost if before else None,
            sell_before=before.sell if before else None,
            cost_after=after.cost if after else None,
            sell_after=after.sell if after else None,
        )


class OffersPreviewShape(PreviewShape):
    """A file of offers, what would become of each row, and what each offer would come to."""

    offers: list[OfferFateShape]
    rows: list[OfferRowShape]

    @classmethod
    def of(cls, brought: Brought, checked: OffersChecked) -> Self:
        told = {"offers": [OfferFateShape.of(each) for each in checked.offers]}
        rows = [OfferRowShape.of(row) for row in checked.rows]
        return cls.model_validate(cls.known(brought, checked) | told | {"rows": rows})
