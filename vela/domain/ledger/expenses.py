"""Changing operating expenses."""

from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import find
from vela.domain.audit import trail
from vela.domain.ledger import queries
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, NewExpense
from vela.domain.ledger.models import OperatingExpense
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict, NotFound, Stale, invalid
from vela.language import gettext as _

FIELDS = ("name", "amount", "first_month", "last_month", "notes")


def add_expense(session: Session, actor: Actor, words: NewExpense) -> OperatingExpense:
    """A new operating expense. Raises Forbidden; Invalid when it would end before it begins."""
    require(actor, Act.CHANGE_EXPENSES)
    expense = OperatingExpense(**{field: getattr(words, field) for field in FIELDS}, version=1)
    _check_months(expense)
    session.add(expense)
    session.flush()
    trail.record(session, actor, "add expense", "expense", expense.id, after=_shown(expense))
    return expense


def change_expense(
    session: Session,
    actor: Actor,
    expense_id: int,
    words: ExpenseChanges,
    *,
    version: int | None = None,
) -> OperatingExpense:
    """Correct an operating expense for all its months.

    Raises Forbidden, NotFound; Stale when it was changed since `version`; Invalid when it would end before it begins.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = queries.expense(session, expense_id)
    _refuse_stale(expense, version)
    before = _shown(expense)
    for field, value in words.said().items():
        setattr(expense, field, value)
    _check_months(expense)
    if before != _shown(expense):
        expense.version += 1
        session.flush()
        trail.record(
            session,
            actor,
            "change expense",
            "expense",
            expense.id,
            before=before,
            after=_shown(expense),
        )
    return expense


def change_expense_from(session: Session, actor: Actor, expense_id: int, words: ExpenseFrom) -> OperatingExpense:
    """A new amount from `words.month` on: the old expense ends the month before, a new one begins; returns the new one.

    Raises Forbidden, NotFound; Invalid when the month is not one that the expense covers after its first.
    """
    require(actor, Act.CHANGE_EXPENSES)
    old = queries.expense(session, expense_id)
    first = old.first_month
    if not old.covers(words.month) or (first is not None and words.month <= first):
        raise invalid(
            "month",
            "month",
            _("Choose a month after the first and up to the last month of this expense."),
        )
    new = NewExpense(
        name=old.name,
        amount=words.amount,
        first_month=words.month,
        last_month=old.last_month,
        notes=old.notes,
    )
    change_expense(session, actor, expense_id, ExpenseChanges(last_month=words.month.previous))
    return add_expense(session, actor, new)


def remove_expense(session: Session, actor: Actor, expense_id: int) -> OperatingExpense:
    """Take an operating expense out of every month. Raises Forbidden, NotFound."""
    require(actor, Act.CHANGE_EXPENSES)
    expense = queries.expense(session, expense_id)
    expense.removed_at = now()
    trail.record(session, actor, "remove expense", "expense", expense.id, before=_shown(expense))
    session.flush()
    return expense


def put_back_expense(session: Session, actor: Actor, expense_id: int) -> OperatingExpense:
    """Undo a removal. Raises Forbidden, NotFound; Conflict when it was not removed."""
    require(actor, Act.CHANGE_EXPENSES)
    expense = find(session, OperatingExpense, expense_id)
    if expense is None:
        raise NotFound("expense", expense_id)
    if expense.removed_at is None:
        raise Conflict("not_removed", _("This expense counts already."))
    expense.removed_at = None
    trail.record(session, actor, "put back expense", "expense", expense.id, after=_shown(expense))
    session.flush()
    return expense


def _check_months(expense: OperatingExpense) -> None:
    if expense.first_month and expense.last_month and expense.last_month < expense.first_month:
        raise invalid("last_month", "month", _("The last month cannot come before the first."))


def _refuse_stale(expense: OperatingExpense, version: int | None) -> None:
    if version is not None and version < expense.version:
        words = _(
            "%(who)s changed this meanwhile. Look at the new value, then decide.",
            who=_("Somebody"),
        )
        raise Stale(
            "stale",
            words,
            field="",
            theirs=expense.amount,
            yours=None,
            who=None,
            at=None,
            version=expense.version,
        )


def _shown(expense: OperatingExpense) -> dict[str, object]:
    return {field: getattr(expense, field) for field in FIELDS}
