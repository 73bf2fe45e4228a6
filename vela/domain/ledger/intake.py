"""What callers may say about sales and operating expenses."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from vela.intake import (
    Amount,
    Identity,
    MonthOf,
    Name,
    Note,
    Optional,
    Reason,
    SaleQuantity,
    Version,
    Words,
)

OptionalMonth = Annotated[MonthOf | None, Optional]


class NewTransaction(Words):
    """A sale to record; its revenue and cost are computed."""

    echoes = frozenset(
        {"id", "service_name", "revision", "revenue", "cost", "margin", "margin_pct", "currency", "created_at",
         "created_by", "sample", "voided_at", "voided_by"}
    )  # fmt: skip

    service_id: Identity
    quantity: SaleQuantity = 1
    month: MonthOf
    notes: Note = ""
    service_version: Annotated[
        Version | None,
        Optional,
        Field(description="The version of the service whose prices you saw: at other prices nothing is recorded."),
    ] = None


class NewExpense(Words):
    """An operating expense of every month from `first_month` to `last_month`; no bound means always."""

    name: Name
    amount: Amount
    first_month: OptionalMonth = None
    last_month: OptionalMonth = None
    notes: Note = ""


class ExpenseChanges(Words):
    """What to change of an operating expense, for all its months."""

    name: Name = ""
    amount: Amount = Decimal(0)
    first_month: OptionalMonth = None
    last_month: OptionalMonth = None
    notes: Note = ""


class ExpenseFrom(Words):
    """A new amount from one month on; the months before keep the old one."""

    amount: Amount
    month: MonthOf


class MonthClosing(Words):
    """A month to close or to reopen, and why."""

    month: MonthOf
    reason: Reason
