"""A month's statement on paper, as PDF: what one hands to an accountant, in the reader's language."""

from flask import Response, request

from vela.blueprints.web.files import attachment
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.months import chosen
from vela.blueprints.web.routes import pages
from vela.errors import invalid
from vela.exports.paper import paper
from vela.language import gettext as _


@pages.get("/profit.pdf")
def profit_paper() -> Response:
    """The statement of the chosen month, with its sales as an annex.

    Raises Invalid for a month that is none, and when another period is asked for.
    """
    if request.args.get("by", "month") != "month":
        words = _("The statement on paper is that of one month. Quarters and years are in the files.")
        raise invalid("by", "month", words)
    with database().reading() as session:
        return attachment(paper(session, actor(), chosen(session).month))
