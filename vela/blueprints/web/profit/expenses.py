"""Operating expenses, edited where the statement shows them: adding, changing, raising from a month on, removing."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done, from_htmx, partials, source_id
from vela.blueprints.web.figures import understood
from vela.blueprints.web.forms import complaints
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.ids import slot_id
from vela.blueprints.web.once import once
from vela.blueprints.web.profit import restating
from vela.blueprints.web.profit.statement import everything, profit_page
from vela.blueprints.web.profit.viewing import View, view_of
from vela.blueprints.web.routes import pages
from vela.domain.idempotency.keys import FIELD
from vela.domain.ledger import closing, expenses
from vela.domain.ledger.intake import ExpenseChanges, ExpenseFrom, NewExpense
from vela.domain.ledger.models import OperatingExpense
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid, NotFound, Stale
from vela.intake import Optional, Version, Words, read
from vela.periods import Month

BOOKKEEPING = {"csrf_token", "version", FIELD}
Handler = Callable[..., Response]


class Seen(Words):
    """The version of an expense that somebody had before them."""

    version: Annotated[Version | None, Optional] = None


def refused_in_place(view: Handler) -> Handler:
    """Answer a refusal on the page of the statement: beside the field it is about, with what was typed kept."""

    @wraps(view)
    def answered(expense_id: int = 0) -> Response:
        try:
            require(actor(), Act.CHANGE_EXPENSES)
            return view(expense_id) if expense_id else view()
        except NotFound as error:
            return _gone(error)
        except (Invalid, Conflict) as error:
            return _refused(expense_id, error)

    return answered


@pages.post("/profit/expenses")
@refused_in_place
def add_expense() -> Response:
    """A new operating expense."""
    with once(Act.CHANGE_EXPENSES) as session:
        expense = expenses.add_expense(session, actor(), read(NewExpense, _typed()))
        return _changed(session, "profit/expense_added.html", expense)


@pages.patch("/profit/expenses/<int:expense_id>")
@pages.post("/profit/expenses/<int:expense_id>")
@refused_in_place
def change_expense(expense_id: int) -> Response:
    """Change what the form holds of an expense, for all its months: one cell, or without script its whole row."""
    with database().transaction() as session:
        words = read(ExpenseChanges, _typed())
        old = session.get(OperatingExpense, expense_id)
        was = restating.values(old) if old else {}
        expense = expenses.change_expense(session, actor(), expense_id, words, version=_version_seen())
        told = restating.told(expense, was, _view(session).month)
        fields = sorted(words.model_fields_set)
        return _changed(session, "profit/expense_changed.html", expense, said=fields, told=told)


@pages.post("/profit/expenses/<int:expense_id>/undo")
@refused_in_place
def undo_expense_change(expense_id: int) -> Response:
    """Set back what a change of a cell restated, unless the cell was changed again."""
    was, became = restating.asked_back()
    with once(Act.CHANGE_EXPENSES) as session:
        expense = expenses.undo_change(session, actor(), expense_id, was, became)
        return _changed(session, "profit/expense_changed.html", expense, said=sorted(was.model_fields_set), told={})


@pages.post("/profit/expenses/<int:expense_id>/from-here")
@refused_in_place
def restrict_expense_change(expense_id: int) -> Response:
    """Let a changed amount count from the month shown on alone: the months before get their old one back."""
    was, became = restating.asked_back()
    with once(Act.CHANGE_EXPENSES) as session:
        expenses.undo_change(session, actor(), expense_id, was, became)
        later = ExpenseFrom(amount=became.amount, month=_view(session).month)
        new = expenses.change_expense_from(session, actor(), expense_id, later)
        return _changed(session, "profit/expense_changed_from.html", new, old_id=expense_id)


@pages.post("/profit/expenses/<int:expense_id>/from")
@refused_in_place
def change_expense_from(expense_id: int) -> Response:
    """A new amount from a month on; the months before keep the old one."""
    with once(Act.CHANGE_EXPENSES) as session:
        new = expenses.change_expense_from(session, actor(), expense_id, read(ExpenseFrom, _typed()))
        return _changed(session, "profit/expense_changed_from.html", new, old_id=expense_id)


@pages.delete("/profit/expenses/<int:expense_id>")
@pages.post("/profit/expenses/<int:expense_id>/remove")
@refused_in_place
def remove_expense(expense_id: int) -> Response:
    """Take an expense out of every month; Undo puts it back."""
    with database().transaction() as session:
        removed = expenses.remove_expense(session, actor(), expense_id, version=_version_seen())
        return _changed(session, "profit/expense_removed.html", removed)


@pages.post("/profit/expenses/<int:expense_id>/put-back")
@refused_in_place
def put_back_expense(expense_id: int) -> Response:
    """Undo a removal."""
    with once(Act.CHANGE_EXPENSES) as session:
        return _changed(
            session, "profit/expense_put_back.html", expenses.put_back_expense(session, actor(), expense_id)
        )


def _view(session: Session) -> View:
    """The month on whose page an expense is edited."""
    return view_of(session, {"month": request.args["month"]} if "month" in request.args else {})


def _typed() -> dict[str, object]:
    """Every field of the form, the amount as a plain number."""
    fields = {name: value for name, value in request.form.items() if name not in BOOKKEEPING}
    return {name: understood(value) if name == "amount" else value for name, value in fields.items()}


def _version_seen() -> int | None:
    return read(Seen, {"version": request.form["version"]} if "version" in request.form else {}).version


def _changed(session: Session, template: str, expense: OperatingExpense, **more: Any) -> Response:
    context = everything(session, _view(session))
    back = f"/profit?month={context['choice'].month}#expenses"
    return done(session, template, back, expense=expense, **context, **more)


def _refused(expense_id: int, error: Invalid | Conflict) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, Invalid) else HTTPStatus.CONFLICT
    messages = complaints(error) if isinstance(error, Invalid) else {str(error.data.get("field") or ""): error.message}
    with database().reading() as session:
        choice = _view(session)
        if not from_htmx():
            return profit_page(session, choice, status, refused=_kept(expense_id, messages))
        context = everything(session, choice) | {"error": error, "stale": isinstance(error, Stale)}
        if error.code == "month_closed" and request.method == "PATCH" and "amount" in request.form:
            context |= {"instead": expense_id, "open_month": _first_open(session, choice.month)}
        return partials(session, "profit/refused.html", status, slots=_slots(messages), **context)


def _first_open(session: Session, month: Month) -> Month:
    """The first month from `month` on that is not closed."""
    while closing.closed_month(session, month):
        month = month.next
    return month


def _kept(expense_id: int, messages: dict[str, str]) -> dict[str, Any]:
    """The form as it was sent: a new expense, the row of one, or its new amount from a month on."""
    name = f"expense-{expense_id or 'new'}"
    form = f"{name}-from" if (request.endpoint or "").endswith("_from") else name
    typed = {name: value for name, value in request.form.items() if name not in BOOKKEEPING}
    return {"form": form, "typed": typed, "errors": messages}


def _slots(messages: dict[str, str]) -> dict[str, str]:
    """Messages by the slot of the field each is about; what is said of a single cell stands in its own."""
    source = source_id()
    if request.method == "PATCH":
        return {slot_id(source, ""): " ".join(messages.values())}
    return {slot_id(source, name): message for name, message in messages.items() if name}


def _gone(error: NotFound) -> Response:
    """Somebody else removed the expense: a notice, and the expenses as they are now."""
    if not from_htmx():
        raise error
    with database().reading() as session:
        context = everything(session, _view(session))
        return partials(session, "profit/expense_gone.html", HTTPStatus.NOT_FOUND, error=error, **context)
