"""Revisions of services over JSON: who changed what, and taking it back."""

from flask import Response

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import LongPageQuery
from vela.blueprints.api.reading import RevisionPath, ServicePath
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.services import shaped
from vela.domain.catalog import queries, undoing
from vela.domain.people.access import Act
from vela.shapes.offers import ServiceShape
from vela.shapes.revisions import RevisionShape

TAG = "Revisions"


@call(
    "GET /services/<service_id>/revisions",
    TAG,
    Answer(model=RevisionShape, many=True, headers=PAGED),
    refuses=(404,),
)
def list_revisions(path: ServicePath, query: LongPageQuery) -> Response:
    """Every change of a service and its components, newest first."""
    with database().reading() as session:
        service = queries.service(session, path.service_id)
        found = queries.revisions(session, service.id, before=query.cursor, most=query.most)
        page, total = query.page(found, lambda made: made.number), queries.how_many_revisions(session, service.id)
        undone = queries.numbers_of(session, {made.undoes_id for made in page.things if made.undoes_id})
        # The one beyond the page is what the last of the page came from.
        pairs = zip(page.things, [*found[1:], None], strict=False)
        shapes = [RevisionShape.of(made, before, undone.get(made.undoes_id or 0)) for made, before in pairs]
        return listing(shapes, total, page.following)


@call(
    "POST /services/<service_id>/revisions/<number>/undo",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def undo_revision(path: RevisionPath) -> Response:
    """Take back what a revision changed, in a new revision; 409 when one of its fields was changed again since."""
    permit(Act.CHANGE_OFFERS)
    with creating() as (session, keep):
        undoing.undo(session, actor(), path.service_id, path.number)
        service = queries.service(session, path.service_id)
        return keep(answer(shaped(session, service), version=service.version))
