"""Recording a sale, and what it would bring before it is recorded."""

from http import HTTPStatus

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures, forms
from vela.blueprints.web.answers import done, from_htmx, partials, settle
from vela.blueprints.web.figures import understood
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.transactions.listing import sales_page, shown, view_behind
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger.commands import record_sale, value_of
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Act, require
from vela.errors import Conflict, Invalid, NotFound, Refusal
from vela.intake import Identity, SaleQuantity, Words, read
from vela.language import gettext as _

TEXTS = ("service_id", "month", "notes")


class Considered(Words):
    """A sale that somebody is still typing."""

    service_id: Identity
    quantity: SaleQuantity


@pages.get("/transactions/preview")
def preview_sale() -> Response:
    """What a sale would bring and cost; dashes while what is typed is not one."""
    with database().reading() as session:
        return partials(session, "transactions/sale_considered.html", worth=_worth(session))


def _worth(session: Session) -> Totals | None:
    said = request.args
    words = {"service_id": said.get("service_id", ""), "quantity": understood(said.get("quantity", ""))}
    try:
        considered = read(Considered, words)
        return value_of(catalog.service(session, considered.service_id), considered.quantity)
    except (Invalid, NotFound):
        return None


@pages.post("/transactions")
def record() -> Response:
    """Record a sale at the offer's prices of this moment."""
    try:
        with database().transaction() as session:
            require(actor(), Act.RECORD_SALES)
            words = read(NewTransaction, forms.said(*TEXTS, numbers=("quantity",)))
            sale = record_sale(session, actor(), words)
            view = view_behind(session)
            context = shown(session, view)
            elsewhere = None if sale.month == view.wanted.month else sale.month
            back = f"/transactions?month={sale.month}"
            context |= {"sale": sale, "elsewhere": elsewhere}
            return done(session, "transactions/sale_recorded.html", back, words=_words(session, sale), **context)
    except (Invalid, Conflict) as error:
        if from_htmx():
            raise
        return _again(error)


def _words(session: Session, sale: Transaction) -> str:
    settle(session)
    sold = {"quantity": figures.number(sale.quantity), "offer": sale.service.name}
    return _("Recorded: %(quantity)s × %(offer)s, %(revenue)s.", revenue=figures.with_currency(sale.revenue), **sold)


def _again(error: Refusal) -> Response:
    """The page once more, with what was typed and the complaints at their fields."""
    invalid = isinstance(error, Invalid)
    messages = forms.complaints(error) if invalid else {error.data.get("field") or "": error.message}
    typed = {name: request.form.get(name, "") for name in (*TEXTS, "quantity")}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if invalid else HTTPStatus.CONFLICT
    with database().reading() as session:
        return sales_page(session, view_behind(session), status, typed=typed, errors=messages)
