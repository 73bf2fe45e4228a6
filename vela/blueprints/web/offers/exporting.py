"""Offers as files: the list, the components of offers in the form that can be read back, and the history of one."""

from flask import Response

from vela.blueprints.web.files import files, sent
from vela.blueprints.web.guards import database
from vela.blueprints.web.offers.listing import offers_asked
from vela.exports import offers


@files("/offers")
def offers_file(ending: str) -> Response:
    """The offers of the list, narrowed and ordered as there, one to a row."""
    with database().reading() as session:
        return sent(session, ending, offers.offers(session, offers_asked()))


@files("/offers/components")
def components_of_offers_file(ending: str) -> Response:
    """The same offers with their components, one to a row, as they can be read back."""
    with database().reading() as session:
        return sent(session, ending, offers.components_of_offers(session, offers_asked()))


@files("/offers/<int:offer_id>")
def components_file(offer_id: int, ending: str) -> Response:
    """The components of one offer, as they can be read back. Raises NotFound."""
    with database().reading() as session:
        return sent(session, ending, offers.components(session, offer_id))


@files("/offers/<int:offer_id>/history")
def history_file(offer_id: int, ending: str) -> Response:
    """The revisions of an offer, newest first, all of them. Raises NotFound."""
    with database().reading() as session:
        return sent(session, ending, offers.history(session, offer_id))
