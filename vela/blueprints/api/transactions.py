"""Sales over JSON, under the name they have here: transactions."""

from http import HTTPStatus
from typing import Annotated

from flask import Response

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.reading import ParameterFlag, TransactionPath, Unsaid, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.domain.ledger import commands, queries
from vela.domain.ledger.intake import NewTransaction
from vela.domain.people.access import Act
from vela.domain.workspace.settings import workspace
from vela.errors import NotFound
from vela.intake import Identity, MonthOf, Words
from vela.shapes import TransactionShape

TAG = "Transactions"
EXAMPLE = {"service_id": 1, "quantity": 2, "month": "2026-11", "notes": "Order 1047"}


class TransactionsQuery(Words):
    """Which transactions to list."""

    month: Annotated[MonthOf | None, Unsaid()] = None
    service_id: Annotated[Identity | None, Unsaid()] = None
    include_voided: ParameterFlag = False


@call("GET /transactions", TAG, Answer(model=TransactionShape, many=True, headers=("X-Total-Count",)))
def list_transactions(query: TransactionsQuery) -> Response:
    """Sales, newest first: of a month, of a service, or all; voided ones only when asked for."""
    with database().reading() as session:
        found = queries.transactions(
            session, month=query.month, service_id=query.service_id, include_voided=query.include_voided
        )
        currency = workspace(session).currency
        return listing([TransactionShape.of(sale, currency) for sale in found])


@call("GET /transactions/<transaction_id>", TAG, Answer(model=TransactionShape), refuses=(404,))
def get_transaction(path: TransactionPath) -> Response:
    """One sale; a voided one is listed with include_voided=true, and 404 here."""
    with database().reading() as session:
        sale = queries.transaction(session, path.transaction_id)
        if sale.voided_at is not None:
            raise NotFound("transaction", sale.id)
        return answer(TransactionShape.of(sale, workspace(session).currency))


@call(
    "POST /transactions",
    TAG,
    Answer(HTTPStatus.CREATED, TransactionShape, headers=("Location",)),
    said=NewTransaction,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def record_sale() -> Response:
    """Record a sale: revenue and cost are its quantity times the prices of now, and stay so.

    In a closed month it is 409 MONTH_CLOSED.
    """
    permit(Act.RECORD_SALES)
    words = body(NewTransaction)
    with creating(words) as (session, keep):
        sale = commands.record_sale(session, actor(), words)
        shape = TransactionShape.of(sale, workspace(session).currency)
        return keep(answer(shape, HTTPStatus.CREATED, place=f"/api/transactions/{sale.id}"))


@call(
    "DELETE /transactions/<transaction_id>",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Voided"),
    refuses=(*NEEDS_RIGHTS, 404, 409),
)
def void_sale(path: TransactionPath) -> Response:
    """Take a sale out of every figure; it is kept, marked as voided. In a closed month it is 409 MONTH_CLOSED."""
    permit(Act.VOID_SALES)
    with database().transaction() as session:
        commands.void_sale(session, actor(), path.transaction_id)
        return nothing()
