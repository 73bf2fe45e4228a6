"""The list of proposals: those that wait, then those that were decided about."""

from typing import Annotated

from flask import Response, request

from vela.blueprints.web.answers import page, settle
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.proposals import wording
from vela.blueprints.web.routes import pages
from vela.domain.proposals import queries
from vela.intake import Identity, Optional, Words, read


class Before(Words):
    """Where a page of decided proposals begins."""

    before: Annotated[Identity | None, Optional] = None


@pages.get("/proposals")
def proposals() -> Response:
    """What waits for a decision, and what became of the rest, newest first. Raises Invalid for a bad `before`."""
    before = read(Before, {"before": request.args.get("before", "")}).before
    with database().reading() as session:
        settle(session)
        found = queries.decided(session, actor(), before=before, most=queries.MOST + 1)
        decided = [wording.shown(each) for each in found[: queries.MOST]]
        return page(
            session,
            "proposals/proposals.html",
            here="proposals",
            waiting=[] if before else [wording.shown(each) for each in queries.waiting(session, actor())],
            decided=decided,
            before=before,
            older=decided[-1].proposal.id if len(found) > queries.MOST else None,
        )
