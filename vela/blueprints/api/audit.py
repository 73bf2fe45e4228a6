"""The trail of changes over JSON, for admins."""

from typing import Annotated

from flask import Response

from vela.blueprints.api.answers import listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import database, permit
from vela.blueprints.api.reading import Unsaid
from vela.blueprints.api.routes import call
from vela.domain.audit import reading
from vela.domain.people.access import Act
from vela.intake import Identity, Line, Words
from vela.shapes import AuditEntryShape


class TrailQuery(Words):
    """Which part of the trail; the newest 50 entries when nothing is said."""

    before: Annotated[Identity | None, Unsaid()] = None
    subject: Line = ""
    username: Line = ""


@call("GET /audit", "Trail", Answer(model=AuditEntryShape, many=True, headers=("X-Total-Count",)), refuses=NEEDS_RIGHTS)
def list_changes(query: TrailQuery) -> Response:
    """Who changed what, newest first, 50 at a time: the next page is `before` the last id of this one.

    X-Total-Count is how many there are of that subject and by that user, on all pages.
    """
    permit(Act.CHANGE_SETTINGS)
    with database().reading() as session:
        found = reading.entries(session, before=query.before, subject=query.subject, username=query.username)
        entries = [AuditEntryShape.of(entry) for entry in found]
        total = reading.count(session, subject=query.subject, username=query.username)
        return listing(entries, total=total)
