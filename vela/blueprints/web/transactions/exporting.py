"""The sales of a month as a file: all of them, narrowed and ordered as the list is."""

from collections.abc import Iterable, Iterator

from flask import Response, request

from vela.blueprints.web.files import files, sent
from vela.blueprints.web.guards import database
from vela.blueprints.web.transactions.listing import view_of
from vela.domain.ledger import listing
from vela.domain.ledger.listing import Sold
from vela.sheets.headings import SALES, Filled, Row


@files("/transactions")
def transactions_file(ending: str) -> Response:
    """The sales that the list of the same address shows, of all its pages."""
    with database().reading() as session:
        view = view_of(session, request.args)
        span = view.wanted.span
        name = f"transactions-{span.period or f'{span.first}-to-{span.last}'}"
        narrowed = {**view.kept, "q": view.wanted.notes, "by": view.wanted.by}
        sold = listing.all_sales(session, view.wanted, order=view.order, falling=view.falling)
        return sent(session, ending, name, Filled(SALES, _rows(sold)), narrowed)


def _rows(sold: Iterable[Sold]) -> Iterator[Row]:
    for each in sold:
        figures = (each.totals.sell, each.totals.cost, each.totals.margin, each.totals.margin_pct)
        who_and_when = (each.created_by, each.created_at, each.voided_by, each.voided_at)
        last = (each.revision, each.sample, each.id)
        yield each.month, each.offer, each.quantity, each.notes, *figures, *who_and_when, *last
