"""The statement of months, quarters or years and the operating expenses as files."""

from flask import Response, request

from vela.blueprints.web.files import files, sent
from vela.blueprints.web.guards import database
from vela.blueprints.web.months import chosen
from vela.blueprints.web.profit.viewing import view_of
from vela.exports import profit


@files("/profit")
def profit_file(ending: str) -> Response:
    """The statement that ends with the chosen period, with the signs of the page."""
    with database().reading() as session:
        return sent(session, ending, profit.profit(session, view_of(session, request.args).period))


@files("/profit/expenses")
def expenses_file(ending: str) -> Response:
    """The operating expenses, with what each counts in the chosen month."""
    with database().reading() as session:
        return sent(session, ending, profit.expenses(session, chosen(session).month))
