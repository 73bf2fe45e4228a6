"""Sales over JSON, under the name they have here: transactions."""

from http import HTTPStatus
from typing import Annotated, Any

from flask import Response
from pydantic import Field

from vela.blueprints.api.answers import answer, listing, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import Moment, ParameterFlag, TransactionPath, Unsaid, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.domain.ledger import commands, queries
from vela.domain.ledger.intake import NewTransaction
from vela.domain.people.access import Act
from vela.domain.workspace.settings import workspace
from vela.errors import NotFound
from vela.intake import Identity, MonthOf
from vela.shapes.base import Shape
from vela.shapes.ledger import TransactionShape

TAG = "Transactions"
EXAMPLE = {"service_id": 1, "quantity": 2, "month": "2026-11", "notes": "Order 1047"}


class TransactionsQuery(PageQuery):
    """Which transactions to list, and which part of the list."""

    month: Annotated[MonthOf | None, Unsaid()] = None
    service_id: Annotated[Identity | None, Unsaid()] = None
    include_voided: ParameterFlag = False
    updated_since: Annotated[
        Moment, Field(description="Only what was recorded, voided or counted again then or later; voided ones too.")
    ] = None

    @property
    def with_voided(self) -> bool:
        """Whether voided ones are wanted: as it was said, or because a void is a change, too."""
        return self.include_voided if "include_voided" in self.model_fields_set else self.updated_since is not None


@call("GET /transactions", TAG, Answer(model=TransactionShape, many=True, headers=PAGED))
def list_transactions(query: TransactionsQuery) -> Response:
    """Sales, newest first: of a month, of a service, or all; voided ones only when asked for.

    All of them, so that they add up; with `limit` a page of them, whose header `Link` leads to the next one.

    With `updated_since` whatever changed since then, so that nobody has to fetch everything again.
    """
    wanted: dict[str, Any] = {
        "month": query.month,
        "service_id": query.service_id,
        "include_voided": query.with_voided,
        "since": query.updated_since,
    }
    with database().reading() as session:
        found = queries.transactions(session, **wanted, before=query.cursor, most=query.most)
        total = queries.how_many_transactions(session, **wanted)
        page, currency = query.page(found, lambda sale: sale.id), workspace(session).currency
        return listing([TransactionShape.of(sale, currency) for sale in page.things], total, page.following)


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


class ClearedShape(Shape):
    """How many sample sales were removed."""

    removed: int


@call("DELETE /samples", TAG, Answer(model=ClearedShape), refuses=(*NEEDS_RIGHTS, 409))
def clear_samples() -> Response:
    """Remove all sample sales for good, and nothing else. For admins, with a token that reaches everything.

    When some are in a closed month it is 409 MONTH_CLOSED, and none is removed.
    """
    with database().transaction() as session:
        return answer(ClearedShape(removed=commands.clear_samples(session, actor())))


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


@call(
    "POST /transactions/<transaction_id>/reinstate",
    TAG,
    Answer(model=TransactionShape),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def reinstate_sale(path: TransactionPath) -> Response:
    """Count a voided sale again. One that counts already is 409 NOT_VOIDED; in a closed month it is MONTH_CLOSED."""
    permit(Act.VOID_SALES)
    with creating() as (session, keep):
        sale = commands.reinstate_sale(session, actor(), path.transaction_id)
        return keep(answer(TransactionShape.of(sale, workspace(session).currency)))
