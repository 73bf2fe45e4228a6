"""What agents are answered about months: several side by side, the sales in them, their operating expenses."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Self

from vela.domain.ledger.listing import Together
from vela.domain.ledger.models import OperatingExpense, Transaction
from vela.domain.ledger.profit import MonthFigures, summed
from vela.periods import Month
from vela.shapes.base import MaybeMonth, MaybeNumber, MonthName, Number, Shape
from vela.shapes.ledger import ExpenseShape, TransactionShape
from vela.shapes.profit import FiguresShape, ProfitShape


class MonthShape(ProfitShape):
    """The profit and loss of one month; nothing can change it while it is closed."""

    closed: bool

    @classmethod
    def of_month(cls, figures: MonthFigures, currency: str, *, closed: bool) -> Self:
        return cls(closed=closed, **dict(ProfitShape.of(figures, currency)))


class MonthsShape(Shape):
    """Months in their order, and what they come to together: sums of theirs, and margins in percent from these sums."""

    first_month: MonthName
    last_month: MonthName
    currency: str
    months: list[MonthShape]
    total: FiguresShape

    @classmethod
    def of(cls, months: Sequence[MonthFigures], closed: Collection[Month], currency: str) -> Self:
        return cls(
            first_month=months[0].month,
            last_month=months[-1].month,
            currency=currency,
            months=[MonthShape.of_month(each, currency, closed=each.month in closed) for each in months],
            total=FiguresShape.summing(summed(months)),
        )


class TogetherShape(Shape):
    """What all sales that were asked for come to, listed here or not; voided ones are counted apart and in no sum."""

    sales: int
    quantity: int
    revenue: Number
    cost: Number
    margin: Number
    margin_pct: MaybeNumber
    voided: int


class SalesShape(Shape):
    """Sales, newest first. `next_before` is the `before` with which the list goes on, null at its end."""

    transactions: list[TransactionShape]
    next_before: int | None
    total: TogetherShape
    currency: str

    @classmethod
    def of(cls, found: Sequence[Transaction], limit: int, together: Together, voided: int, currency: str) -> Self:
        shown, totals = found[:limit], together.totals
        return cls(
            transactions=[TransactionShape.of(sale, currency) for sale in shown],
            next_before=shown[-1].id if len(found) > limit else None,
            total=TogetherShape(
                sales=together.sales,
                quantity=together.quantity,
                revenue=totals.sell,
                cost=totals.cost,
                margin=totals.margin,
                margin_pct=totals.margin_pct,
                voided=voided,
            ),
            currency=currency,
        )


class ExpensesShape(Shape):
    """Operating expenses: of one month and what they come to in it, or all of them, of which there is no total."""

    month: MaybeMonth
    total: MaybeNumber
    currency: str
    expenses: list[ExpenseShape]

    @classmethod
    def of(
        cls,
        listed: Sequence[OperatingExpense],
        currency: str,
        *,
        month: Month | None = None,
        total: Decimal | None = None,
    ) -> Self:
        return cls(month=month, total=total, currency=currency, expenses=[ExpenseShape.of(each) for each in listed])
