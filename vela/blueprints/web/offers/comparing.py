"""Any two revisions of an offer side by side."""

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import page
from vela.blueprints.web.guards import database
from vela.blueprints.web.routes import pages
from vela.domain.catalog import queries
from vela.domain.catalog.comparing import Comparison, compare
from vela.domain.catalog.models import Service
from vela.errors import invalid
from vela.language import gettext as _
from vela.language import pgettext
from vela.wording import differing


@pages.get("/offers/<int:offer_id>/compare")
def compare_revisions(offer_id: int) -> Response:
    """Revision `a` beside revision `b`: by default the latest beside the one before it.

    Raises Invalid for what is no number; NotFound for an unknown offer.
    """
    with database().reading() as session:
        offer = queries.service(session, offer_id)
        latest = queries.revisions(session, offer_id, most=1)[0].number
        second = _number("b", latest)
        first = _number("a", max(1, second - 1))
        found = queries.revisions_numbered(session, offer_id, {first, second})
        if missing := [number for number in (first, second) if number not in found]:
            words = _("%(name)s has no revision %(number)d.", name=offer.name, number=missing[0])
            return _page(session, offer, first, second, latest, 404, words=words)
        compared = compare(found[first], found[second])
        return _page(session, offer, first, second, latest, compared=compared)


def _number(name: str, otherwise: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid(name, "whole", _("Write the number of a revision, such as 3."))
    return int(text)


def _page(
    session: Session, offer: Service, first: int, second: int, latest: int, status: int = 200, *,
    words: str = "", compared: Comparison | None = None,
) -> Response:  # fmt: skip
    return page(
        session,
        "offers/compare.html",
        status,
        here="offers",
        offer=offer,
        first=first,
        second=second,
        latest=latest,
        words=words,
        compared=compared,
        became={
            "added": pgettext("a line beside an earlier revision", "added"),
            "removed": pgettext("a line beside an earlier revision", "removed"),
            "changed": _("changed"),
            "same": _("same"),
        },
        told=[differing.told_of(change) for change in compared.offer] if compared else [],
        doors=[differing.door(each.face) for each in (compared.first, compared.second)] if compared else [],
    )
