"""What a service was, over JSON: a revision with its lines, two side by side, prices over time, and going back."""

from typing import Annotated

from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.paging import PageQuery
from vela.blueprints.api.reading import RevisionPath, ServicePath, Unsaid
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.blueprints.api.services import shaped
from vela.domain.catalog import queries, undoing
from vela.domain.catalog.comparing import compare
from vela.domain.catalog.history import price_points
from vela.domain.catalog.models import Revision
from vela.domain.people.access import Act
from vela.domain.workspace.settings import workspace
from vela.intake import Identity, Words
from vela.periods import BEGINNING
from vela.shapes.offers import ServiceShape
from vela.shapes.revisions import ComparisonShape, PricePointShape, WholeRevisionShape

TAG = "Revisions"


class ComparisonQuery(Words):
    """Which two revisions, by their numbers: by default the latest, and the one before it."""

    first: Annotated[Identity | None, Unsaid(), Field(alias="from")] = None
    second: Annotated[Identity | None, Unsaid(), Field(alias="to")] = None


@call(
    "GET /services/<service_id>/revisions/<number>",
    TAG,
    Answer(model=WholeRevisionShape),
    refuses=(404,),
)
def get_revision(path: RevisionPath) -> Response:
    """One revision: the service and every line as they stood then, and what was changed to come there."""
    with database().reading() as session:
        revision = queries.revision(session, queries.service(session, path.service_id).id, path.number)
        near = queries.revisions_numbered(session, path.service_id, {path.number - 1})
        undone = session.get(Revision, revision.undoes_id) if revision.undoes_id else None
        number = undone.number if undone else None
        return answer(WholeRevisionShape.whole(revision, near.get(path.number - 1), number))


@call(
    "GET /services/<service_id>/revisions/compare",
    TAG,
    Answer(model=ComparisonShape),
    refuses=(404,),
)
def compare_revisions(path: ServicePath, query: ComparisonQuery) -> Response:
    """Two revisions of a service side by side, line by line; `change` is by how much the second costs and sells for
    more."""
    with database().reading() as session:
        service = queries.service(session, path.service_id)
        second = query.second or _latest(session, service.id)
        first = query.first or max(1, second - 1)
        compared = compare(queries.revision(session, service.id, first), queries.revision(session, service.id, second))
        return answer(ComparisonShape.of(service, compared, workspace(session).currency))


def _latest(session: Session, service_id: int) -> int:
    return queries.revisions(session, service_id, most=1)[0].number


@call(
    "GET /services/<service_id>/prices",
    TAG,
    Answer(model=PricePointShape, many=True, headers=PAGED),
    refuses=(404,),
)
def list_prices(path: ServicePath, query: PageQuery) -> Response:
    """What a service cost and sold for over time, oldest first: one entry each time one of the two moved.

    All of them; with `limit`, a page of them.
    """
    with database().reading() as session:
        points = price_points(session, queries.service(session, path.service_id).id, BEGINNING)
        found = [point for point in points if query.cursor is None or point.revision > query.cursor]
        page = query.page(found, lambda point: point.revision)
        return listing([PricePointShape.at_point(point) for point in page.things], len(points), page.following)


@call(
    "POST /services/<service_id>/revisions/<number>/restore",
    TAG,
    Answer(model=ServiceShape, headers=("ETag",)),
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def restore_revision(path: RevisionPath) -> Response:
    """Make a service as it stood in a revision, whatever came after, in a new revision."""
    permit(Act.CHANGE_OFFERS)
    with creating() as (session, keep):
        undoing.restore(session, actor(), path.service_id, path.number)
        session.expire_all()
        service = queries.service(session, path.service_id)
        return keep(answer(shaped(session, service), version=service.version))
