"""Changing operating expenses."""

from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.ledger import closing, queries, sums
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, NewExpense
from vela.domain.ledger.models import OperatingExpense
from vela.domain.people.access import Act, Actor, require
from vela.errors import Conflict, NotFound, Stale, invalid
from vela.language import gettext as _
from vela.language import grouped
from vela.periods import FIRST_YEAR, Month

FIRST_MONTH = Month(FIRST_YEAR, 1)
FIELDS = ("name", "amount", "first_month", "last_month", "notes")


def add_expense(session: Session, actor: Actor, words: NewExpense) -> OperatingExpense:
    """A new operating expense.

    Raises Forbidden; Invalid when it would end before it begins; Conflict when a month would cost too much, or is
    closed.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = OperatingExpense(**{field: getattr(words, field) for field in FIELDS}, version=1)
    _check_months(expense)
    closing.refuse_difference({}, closing.counted_when_closed(session, expense), "first_month")
    session.add(expense)
    _check_sum(session)
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

    Raises Forbidden, NotFound; Stale when it was changed since `version`; Invalid when it would end before it begins;
    Conflict when a month would cost too much, or is closed.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = _held(session, expense_id)
    _refuse_stale(session, expense, version, words)
    before, counted = _shown(expense), closing.counted_when_closed(session, expense)
    for field, value in words.said().items():
        setattr(expense, field, value)
    _check_months(expense)
    closing.refuse_difference(counted, closing.counted_when_closed(session, expense))
    if before != _shown(expense):
        expense.version += 1
        _check_sum(session)
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


def undo_change(
    session: Session, actor: Actor, expense_id: int, was: ExpenseChanges, became: ExpenseChanges
) -> OperatingExpense:
    """Set back to `was` what a change made `became`.

    Raises Forbidden, NotFound; Conflict when what it made does not stand there any more.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = _held(session, expense_id)
    if any(getattr(expense, field) != value for field, value in became.said().items()):
        raise Conflict("changed_since", _("This was changed again meanwhile. Look at the value that stands there now."))
    return change_expense(session, actor, expense_id, was, version=expense.version)


def change_expense_from(session: Session, actor: Actor, expense_id: int, words: ExpenseFrom) -> OperatingExpense:
    """A new amount from `words.month` on: the old expense ends the month before, a new one begins; returns the new one.

    Raises Forbidden, NotFound; Invalid when the month is not one that the expense covers after its first.
    """
    require(actor, Act.CHANGE_EXPENSES)
    old = _held(session, expense_id)
    last_of_old = words.month.previous
    if not (old.covers(words.month) and old.covers(last_of_old) and last_of_old.is_bookable):
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
    change_expense(session, actor, expense_id, ExpenseChanges(last_month=last_of_old))
    return add_expense(session, actor, new)


def remove_expense(session: Session, actor: Actor, expense_id: int, *, version: int | None = None) -> OperatingExpense:
    """Take an operating expense out of every month.

    Raises Forbidden, NotFound; Stale when it was changed since `version`; Conflict when a month is closed.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = _held(session, expense_id)
    if version is not None and version != expense.version:
        raise _stale(session, expense, "", expense.name, None)
    closing.refuse_difference(closing.counted_when_closed(session, expense), {})
    expense.removed_at = now()
    expense.version += 1
    trail.record(session, actor, "remove expense", "expense", expense.id, before=_shown(expense))
    session.flush()
    return expense


def put_back_expense(session: Session, actor: Actor, expense_id: int) -> OperatingExpense:
    """Undo a removal.

    Raises Forbidden, NotFound; Conflict when it was not removed, or a month would cost too much or is closed.
    """
    require(actor, Act.CHANGE_EXPENSES)
    expense = hold(session, OperatingExpense, expense_id)
    if expense is None:
        raise NotFound("expense", expense_id)
    if expense.removed_at is None:
        raise Conflict("not_removed", _("This expense counts already."))
    expense.removed_at = None
    closing.refuse_difference({}, closing.counted_when_closed(session, expense))
    expense.version += 1
    _check_sum(session)
    trail.record(session, actor, "put back expense", "expense", expense.id, after=_shown(expense))
    return expense


def _check_months(expense: OperatingExpense) -> None:
    if expense.first_month and expense.last_month and expense.last_month < expense.first_month:
        raise invalid("last_month", "month", _("The last month cannot come before the first."))


def _held(session: Session, expense_id: int) -> OperatingExpense:
    """An expense that has not been removed, kept from other writers until the transaction ends. Raises NotFound."""
    expense = hold(session, OperatingExpense, expense_id)
    if expense is None or expense.removed_at is not None:
        raise NotFound("expense", expense_id)
    return expense


def _check_sum(session: Session) -> None:
    """Raises Conflict when the expenses of any month add up to more than a month may hold."""
    session.flush()
    listed = queries.expenses(session)
    # A sum only ever grows in a month in which some expense begins.
    months = {expense.first_month or FIRST_MONTH for expense in listed}
    if any(queries.opex_of(listed, month) > sums.MOST_IN_A_MONTH for month in months):
        words = _("The sum would be too large. Vela counts up to %(most)s a month.", most=grouped(sums.MOST_IN_A_MONTH))
        raise Conflict("too_large", words)


def _refuse_stale(session: Session, expense: OperatingExpense, version: int | None, words: ExpenseChanges) -> None:
    """Refuse what was said of an earlier `version`, unless it stands there already; names the first field at odds."""
    if version is None or version == expense.version:
        return
    odds = [(field, value) for field, value in words.said().items() if value != getattr(expense, field)]
    if not odds:
        return
    field, yours = odds[0]
    raise _stale(session, expense, field, getattr(expense, field), yours)


def _stale(session: Session, expense: OperatingExpense, field: str, theirs: object, yours: object) -> Stale:
    last = trail.latest(session, "expense", expense.id)
    who = last.username if last else _("Somebody")
    return Stale(
        "stale",
        _("%(who)s changed this meanwhile. Look at the new value, then decide.", who=who),
        field=field,
        theirs=_plain(theirs),
        yours=_plain(yours),
        who=who,
        at=last.at if last else None,
        version=expense.version,
    )


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Month) else value


def _shown(expense: OperatingExpense) -> dict[str, object]:
    return {field: getattr(expense, field) for field in FIELDS}
