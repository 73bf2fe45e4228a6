"""Sales, operating expenses and closed months as they are answered."""

from datetime import datetime
from typing import Self

from vela.domain.ledger.models import ClosedMonth, OperatingExpense, Transaction
from vela.shapes.base import MaybeMonth, MaybeNumber, MonthName, Number, Shape


class TransactionShape(Shape):
    """A sale, with the revenue and cost it was recorded at."""

    id: int
    service_id: int
    service_name: str
    quantity: int
    month: MonthName
    notes: str
    revenue: Number
    cost: Number
    margin: Number
    margin_pct: MaybeNumber
    currency: str
    created_by: str
    created_at: datetime
    sample: bool
    voided_at: datetime | None
    voided_by: str | None

    @classmethod
    def of(cls, sale: Transaction, currency: str) -> Self:
        computed = {
            "service_name": sale.service.name,
            "margin": sale.totals.margin,
            "margin_pct": sale.totals.margin_pct,
            "currency": currency,
        }
        stored = set(cls.model_fields) - set(computed)
        return cls.model_validate({name: getattr(sale, name) for name in stored} | computed)


class ExpenseShape(Shape):
    """An operating expense of every month from its first to its last; null means no bound."""

    id: int
    name: str
    amount: Number
    first_month: MaybeMonth
    last_month: MaybeMonth
    notes: str
    version: int

    @classmethod
    def of(cls, expense: OperatingExpense) -> Self:
        return cls.model_validate({name: getattr(expense, name) for name in cls.model_fields})


class ClosedMonthShape(Shape):
    """A closed month: the figures that were written down, by whom, when and why."""

    month: MonthName
    sales: int
    revenue: Number
    cost: Number
    opex: Number
    currency: str
    closed_at: datetime
    closed_by: str
    reason: str

    @classmethod
    def of(cls, closed: ClosedMonth, currency: str) -> Self:
        names = set(cls.model_fields) - {"currency"}
        return cls.model_validate({name: getattr(closed, name) for name in names} | {"currency": currency})
