"""The sales of a month as a file: all of them, narrowed and ordered as the list is."""

from flask import Response, request

from vela.blueprints.web.files import files, sent
from vela.blueprints.web.guards import database
from vela.blueprints.web.transactions.listing import view_of
from vela.exports.sales import sales


@files("/transactions")
def transactions_file(ending: str) -> Response:
    """The sales that the list of the same address shows, of all its pages."""
    with database().reading() as session:
        view = view_of(session, request.args)
        return sent(session, ending, sales(session, view.wanted, order=view.order, falling=view.falling))
