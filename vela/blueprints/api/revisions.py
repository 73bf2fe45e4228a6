"""Revisions of services over JSON: who changed what, and taking it back."""

from flask import Response

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.reading import RevisionPath, ServicePath
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.services import shaped
from vela.domain.catalog import queries, undoing
from vela.domain.people.access import Act
from vela.shapes import RevisionShape, ServiceShape

TAG = "Revisions"


@call(
    "GET /services/<service_id>/revisions",
    TAG,
    Answer(model=RevisionShape, many=True, headers=("X-Total-Count",)),
    refuses=(404,),
)
def list_revisions(path: ServicePath) -> Response:
    """Every change of a service and its components, newest first."""
    with database().reading() as session:
        service = queries.service(session, path.service_id)
        found = queries.revisions(session, service.id)
        numbers = {revision.id: revision.number for revision in found}
        pairs = zip(found, [*found[1:], None], strict=True)
        return listing([RevisionShape.of(made, before, numbers.get(made.undoes_id or 0)) for made, before in pairs])


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
