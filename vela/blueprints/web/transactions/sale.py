"""One sale: what it brought, who recorded it, and the prices it was sold at, line by line."""

from flask import Response

from vela.blueprints.web import figures
from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.naming import sales_of
from vela.blueprints.web.routes import pages
from vela.domain.catalog.pricing import Totals
from vela.domain.ledger import closing, queries
from vela.wording.differing import door


@pages.get("/transactions/<int:sale_id>")
def sale(sale_id: int) -> Response:
    """A sale, voided or not, beside the revision of the offer that it was sold under. Raises NotFound."""
    with database().reading() as session:
        shown = queries.transaction(session, sale_id)
        revision, units = shown.revision, shown.quantity
        lines = [(line, Totals(line.cost * units, line.sell * units)) for line in revision.lines]
        return page(
            session,
            "transactions/sale.html",
            here="transactions",
            sale=shown,
            revision=revision,
            sold=revision.totals,
            today=shown.service.totals,
            lines=lines,
            places=figures.places(part for _, times in lines for part in (times.cost, times.sell)),
            door=door(shown.face),
            closed=closing.closed_month(session, shown.month),
            list=sales_of(shown.month.span),
        )
