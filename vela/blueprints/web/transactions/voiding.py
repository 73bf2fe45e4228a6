"""Taking a sale out of every figure, and back in."""

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import done
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.routes import pages
from vela.blueprints.web.transactions.listing import shown, view_behind
from vela.domain.ledger.commands import reinstate_sale, void_sale
from vela.domain.ledger.models import Transaction


@pages.delete("/transactions/<int:sale_id>")
@pages.post("/transactions/<int:sale_id>/void")
def void(sale_id: int) -> Response:
    """Void a sale; it stays in the list of voided ones, and Undo counts it again."""
    with database().transaction() as session:
        return _changed(session, "transactions/sale_voided.html", void_sale(session, actor(), sale_id))


@pages.post("/transactions/<int:sale_id>/reinstate")
def reinstate(sale_id: int) -> Response:
    """Count a voided sale again."""
    with database().transaction() as session:
        return _changed(session, "transactions/sale_reinstated.html", reinstate_sale(session, actor(), sale_id))


def _changed(session: Session, template: str, sale: Transaction) -> Response:
    view = view_behind(session)
    return done(session, template, view.address(), sale=sale, **shown(session, view))
