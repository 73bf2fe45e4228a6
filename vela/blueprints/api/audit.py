"""The trail of changes over JSON, for admins."""

from flask import Response

from vela.blueprints.api.answers import listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database
from vela.blueprints.api.paging import LongPageQuery
from vela.blueprints.api.routes import call
from vela.domain.audit import reading
from vela.domain.audit.intake import AskedSubject, AskedUsername
from vela.domain.people.access import Act, require_sight
from vela.shapes.people import AuditEntryShape


class TrailQuery(LongPageQuery):
    """Which changes, and which part of the list."""

    subject: AskedSubject = ""
    username: AskedUsername = ""


@call("GET /audit", "Trail", Answer(model=AuditEntryShape, many=True, headers=PAGED), refuses=NEEDS_RIGHTS)
def list_changes(query: TrailQuery) -> Response:
    """Who changed what, newest first: everything, or what was done to one kind of thing, or by one user."""
    require_sight(actor(), Act.CHANGE_SETTINGS)
    with database().reading() as session:
        about = {"subject": query.subject, "username": query.username}
        found = reading.entries(session, before=query.cursor, most=query.most, **about)
        page, total = query.page(found, lambda entry: entry.id), reading.count(session, **about)
        return listing([AuditEntryShape.of(entry) for entry in page.things], total, page.following)
