"""Taking a sale out of every figure, and back in."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import done, settle
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.once import once
from vela.blueprints.web.routes import pages
from vela.blueprints.web.transactions.listing import listed, shown, view_behind
from vela.domain.ledger.commands import reinstate_sale, void_sale
from vela.domain.ledger.models import Transaction
from vela.domain.people.access import Act
from vela.language import gettext as _


@pages.delete("/transactions/<int:sale_id>")
@pages.post("/transactions/<int:sale_id>/void")
def void(sale_id: int) -> Response:
    """Void a sale; it stays in the list of voided ones, and Undo counts it again."""
    with database().transaction() as session:
        shown_before = listed(session, view_behind(session))
        sale = void_sale(session, actor(), sale_id)
        words = _("Voided: %(quantity)s × %(offer)s, %(day)s.", **_named(session, sale))
        return _changed(session, "transactions/sale_voided.html", sale, words, sales=shown_before)


@pages.post("/transactions/<int:sale_id>/reinstate")
def reinstate(sale_id: int) -> Response:
    """Count a voided sale again."""
    with once(Act.VOID_SALES) as session:
        sale = reinstate_sale(session, actor(), sale_id)
        words = _("Counts again: %(quantity)s × %(offer)s, %(day)s.", **_named(session, sale))
        return _changed(session, "transactions/sale_reinstated.html", sale, words)


def _named(session: Session, sale: Transaction) -> dict[str, str]:
    settle(session)
    return {
        "quantity": figures.number(sale.quantity),
        "offer": sale.service.name,
        "day": figures.day(sale.created_at),
    }


def _changed(session: Session, template: str, sale: Transaction, words: str, **instead: Any) -> Response:
    view = view_behind(session)
    return done(session, template, view.here, words=words, sale=sale, **(shown(session, view) | instead))
