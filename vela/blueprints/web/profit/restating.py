"""A changed amount or month of an expense restates past months: it is said in words, and can be taken back."""

from typing import Any
from urllib.parse import urlencode

from flask import request

from vela.blueprints.web.figures import amount, month_short
from vela.domain.ledger.intake import ExpenseChanges
from vela.domain.ledger.models import OperatingExpense
from vela.intake import read
from vela.language import gettext as _
from vela.periods import Month

FIELDS = ("amount", "first_month", "last_month")
BECAME = "became_"


def values(expense: OperatingExpense) -> dict[str, Any]:
    """What of an expense decides about the figures of its months."""
    return {field: getattr(expense, field) for field in FIELDS}


def told(expense: OperatingExpense, was: dict[str, Any], shown: Month) -> dict[str, str]:
    """What a change did to an expense that was `was`: in words, and as what an undo has to send; {} for nothing.

    `from_here` is there when the new amount could count from the month `shown` on instead.
    """
    new = {field: value for field, value in values(expense).items() if value != was[field]}
    if not new:
        return {}
    words = _amount_said(expense, was) if "amount" in new else _months_said(expense, was)
    sent = {field: _plain(was[field]) for field in new} | {BECAME + field: _plain(new[field]) for field in new}
    possible = set(new) == {"amount"} and shown.previous.is_bookable
    splits = possible and expense.covers(shown) and expense.covers(shown.previous)
    return {"words": words, "values": urlencode(sent)} | ({"from_here": month_short(shown)} if splits else {})


def asked_back() -> tuple[ExpenseChanges, ExpenseChanges]:
    """What the address of an undo says: what was there before, and what the change had made of it."""
    was = {field: request.args[field] for field in FIELDS if field in request.args}
    became = {field: request.args[BECAME + field] for field in FIELDS if BECAME + field in request.args}
    return read(ExpenseChanges, was), read(ExpenseChanges, became)


def _amount_said(expense: OperatingExpense, was: dict[str, Any]) -> str:
    return _(
        "%(name)s is now %(new)s %(when)s, was %(old)s.",
        name=expense.name,
        new=amount(expense.amount),
        when=_when(expense.first_month, expense.last_month),
        old=amount(was["amount"]),
    )


def _months_said(expense: OperatingExpense, was: dict[str, Any]) -> str:
    return _(
        "%(name)s now counts %(when)s. Before, it counted %(earlier)s.",
        name=expense.name,
        when=_when(expense.first_month, expense.last_month),
        earlier=_when(was["first_month"], was["last_month"]),
    )


def _when(first: Month | None, last: Month | None) -> str:
    if first and last:
        return _("in every month from %(first)s to %(last)s", first=month_short(first), last=month_short(last))
    if first:
        return _("in every month from %(first)s on", first=month_short(first))
    return _("in every month up to %(last)s", last=month_short(last)) if last else _("in every month")


def _plain(value: object) -> str:
    return "" if value is None else str(value)
