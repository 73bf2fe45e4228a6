"""Operating expenses over JSON."""

from http import HTTPStatus

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import ExpensePath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.ledger import expenses, queries
from vela.domain.ledger.intake import ExpenseChanges, NewExpense
from vela.domain.ledger.models import OperatingExpense
from vela.domain.people.access import Act
from vela.shapes.ledger import ExpenseShape

TAG = "Operating expenses"
EXAMPLE = {"name": "Electricity", "amount": 450.5, "first_month": "2026-01", "last_month": "2026-12"}


class ExpenseUpdate(Versioned, ExpenseChanges):
    """What to change of an operating expense, for all its months; what is left out stays, null is no bound."""

    echoes = frozenset({"id"})


def _matched(session: Session, expense_id: int) -> OperatingExpense:
    """The expense. Raises NotFound; Stale when If-Match names another version."""
    hold(session, OperatingExpense, expense_id)
    expense = queries.expense(session, expense_id)
    last = trail.latest(session, "expense", expense.id)
    refuse_unmatched(expense.version, last.username if last else None, last.at if last else None)
    return expense


@call("GET /expenses", TAG, Answer(model=ExpenseShape, many=True, headers=PAGED))
def list_expenses(query: PageQuery) -> Response:
    """All operating expenses, in the order they were entered. With `limit`, a page of them."""
    with database().reading() as session:
        found = queries.expenses(session, after=query.cursor, most=query.most)
        page, total = query.page(found, lambda expense: expense.id), queries.how_many_expenses(session)
        return listing([ExpenseShape.of(expense) for expense in page.things], total, page.following)


@call("GET /expenses/<expense_id>", TAG, Answer(model=ExpenseShape, headers=("ETag",)), refuses=(404,))
def get_expense(path: ExpensePath) -> Response:
    """One operating expense."""
    with database().reading() as session:
        expense = queries.expense(session, path.expense_id)
        return answer(ExpenseShape.of(expense), version=expense.version)


@call(
    "POST /expenses",
    TAG,
    Answer(HTTPStatus.CREATED, ExpenseShape, headers=("Location", "ETag")),
    said=NewExpense,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 409),
    takes_key=True,
)
def add_expense() -> Response:
    """A new operating expense of every month from its first to its last; without a bound it is of every month."""
    permit(Act.CHANGE_EXPENSES)
    words = body(NewExpense)
    with creating(words) as (session, keep):
        expense = expenses.add_expense(session, actor(), words)
        place = f"/api/expenses/{expense.id}"
        return keep(answer(ExpenseShape.of(expense), HTTPStatus.CREATED, place=place, version=expense.version))


@call(
    "PUT /expenses/<expense_id>",
    TAG,
    Answer(model=ExpenseShape, headers=("ETag",)),
    said=ExpenseUpdate,
    example={"amount": 850, "version": 1},
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def change_expense(path: ExpensePath) -> Response:
    """Correct an operating expense for all its months; what is left out keeps its value."""
    permit(Act.CHANGE_EXPENSES)
    words = body(ExpenseUpdate)
    with database().transaction() as session:
        held = _matched(session, path.expense_id)
        expense = expenses.change_expense(session, actor(), held.id, words, version=words.read_version)
        return answer(ExpenseShape.of(expense), version=expense.version)


@call(
    "DELETE /expenses/<expense_id>",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Removed"),
    refuses=(*NEEDS_RIGHTS, 404, 409, 412),
)
def remove_expense(path: ExpensePath) -> Response:
    """Take an operating expense out of every month."""
    permit(Act.CHANGE_EXPENSES)
    with database().transaction() as session:
        expenses.remove_expense(session, actor(), _matched(session, path.expense_id).id)
        return nothing()
