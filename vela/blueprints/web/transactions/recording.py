"""Recording a sale, and what it would bring before it is recorded."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures, forms
from vela.blueprints.web.answers import done, from_htmx, partials, settle
from vela.blueprints.web.figures import understood
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.transactions.listing import MOST_DIGITS, previewed, sales_page, shown, view_behind
from vela.domain.catalog import queries as catalog
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.domain.ledger.till import value_of
from vela.domain.people.access import Act
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
        return partials(session, "transactions/sale_considered.html", **_considered(session, request.args))


def _considered(session: Session, said: Mapping[str, str]) -> dict[str, Any]:
    """What the sale in `said` is worth, None while it is not one, and the prices by which that was reckoned."""
    words = {"service_id": said.get("service_id", ""), "quantity": understood(said.get("quantity", ""))}
    try:
        considered = read(Considered, words)
        offer = catalog.service(session, considered.service_id)
        return {"worth": value_of(offer, considered.quantity), "previewed": previewed(offer)}
    except (Invalid, NotFound):
        return {"worth": None, "previewed": ""}


@pages.post("/transactions")
def record() -> Response:
    """Record a sale at the offer's prices of this moment."""
    try:
        with once(Act.RECORD_SALES) as session:
            words = read(NewTransaction, forms.said(*TEXTS, numbers=("quantity",)) | _prices_seen())
            sale = record_sale(session, actor(), words)
            view = view_behind(session)
            context = shown(session, view)
            elsewhere = None if view.wanted.span.covers(sale.month) else sale.month
            back = f"/transactions?month={sale.month}"
            context |= {"sale": sale, "elsewhere": elsewhere}
            return done(session, "transactions/sale_recorded.html", back, words=_words(session, sale), **context)
    except (Invalid, Conflict) as error:
        if error.code == "repriced":
            return _repriced(error)
        if from_htmx():
            raise
        return _again(error)


def _prices_seen() -> dict[str, object]:
    """The version of the offer whose prices the line showed, if they were this offer's."""
    offer, _sign, version = request.form.get("previewed", "").partition(":")
    known = version.isascii() and version.isdigit() and len(version) <= MOST_DIGITS
    return {"service_version": version} if known and offer == request.form.get("service_id") else {}


def _repriced(error: Refusal) -> Response:
    """What the offer costs or sells for by now, and the way to record the sale at that."""
    with database().reading() as session:
        settle(session)
        sold_otherwise = error.data["price_now"] != error.data["price_was"]
        which = "price" if sold_otherwise else "cost"
        now, was = (figures.with_currency(error.data[f"{which}_{when}"]) for when in ("now", "was"))
        words = (
            _(
                "%(name)s sells for %(now)s now (was %(was)s). Record it at the new price?",
                now=now,
                was=was,
                name=error.data["name"],
            )
            if sold_otherwise
            else _(
                "%(name)s costs you %(now)s now (was %(was)s). Record it at the new cost?",
                now=now,
                was=was,
                name=error.data["name"],
            )
        )
        if not from_htmx():
            return _again(Conflict(error.code, words, field="service_id"))
        status, fresh = HTTPStatus.CONFLICT, _considered(session, request.form)
        price = error.data["price_now"]
        return partials(session, "transactions/sale_repriced.html", status, words=words, price=price, **fresh)


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
