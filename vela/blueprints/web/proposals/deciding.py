"""One proposal, and the decision about it: approved it is done once, exactly as this page shows it."""

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import may_now, page, settle, told
from vela.blueprints.web.guards import actor, database
from vela.blueprints.web.proposals import wording
from vela.blueprints.web.routes import pages
from vela.domain.proposals import commands, queries
from vela.domain.proposals.commands import GroundMoved
from vela.domain.proposals.kinds import KINDS
from vela.domain.proposals.models import State
from vela.errors import Conflict, Invalid, NotFound, Refusal
from vela.language import gettext as _
from vela.problems import status_of


@pages.get("/proposals/<int:proposal_id>")
def proposal(proposal_id: int) -> Response:
    """What a proposal would do, or did. Raises NotFound."""
    with database().reading() as session:
        return _page(session, proposal_id)


@pages.post("/proposals/<int:proposal_id>/approve")
def approve_proposal(proposal_id: int) -> Response:
    """Do it, if it still does what the page showed; otherwise show what it would do now. Raises NotFound, Forbidden."""
    try:
        with database().transaction() as session:
            done, _thing = commands.approve(session, actor(), proposal_id, seen=request.form.get("seen", ""))
            settle(session)
            words = _("Approved and done: %(what)s.", what=wording.title(commands.plan_of(done)))
            return told(words, f"/proposals/{proposal_id}")
    except GroundMoved as moved:
        return _shown_anew(proposal_id, moved)
    except (Conflict, Invalid) as refusal:
        return _refused(proposal_id, refusal)
    except NotFound as missing:
        if missing.data["kind"] == "proposal":
            raise
        return _refused(proposal_id, missing)


@pages.post("/proposals/<int:proposal_id>/decline")
def decline_proposal(proposal_id: int) -> Response:
    """Let nothing come of it. Raises NotFound, Forbidden."""
    try:
        with database().transaction() as session:
            commands.decline(session, actor(), proposal_id)
            return told(_("Declined. Nothing was changed."), "/proposals")
    except Conflict as refusal:
        return _refused(proposal_id, refusal)


def _shown_anew(proposal_id: int, moved: GroundMoved) -> Response:
    try:
        with database().transaction() as session:
            commands.look_again(session, actor(), proposal_id)
    except Refusal as refusal:
        return _refused(proposal_id, refusal)
    return _refused(proposal_id, moved)


def _refused(proposal_id: int, refusal: Refusal) -> Response:
    """The page again, with why nothing was done."""
    with database().reading() as session:
        return _page(session, proposal_id, status_of(refusal), refusal)


def _page(session: Session, proposal_id: int, status: int = 200, refusal: Refusal | None = None) -> Response:
    settle(session)
    found = wording.shown(queries.proposal(session, actor(), proposal_id))
    waits = found.proposal.standing is State.WAITING
    return page(
        session,
        "proposals/proposal.html",
        status,
        here="proposals",
        shown=found,
        waits=waits,
        may_decline=waits and may_now(session, KINDS[found.proposal.change].act),
        may_approve=waits and not found.why and may_now(session, KINDS[found.proposal.change].act),
        words=refusal.message if refusal else "",
        moved=isinstance(refusal, GroundMoved),
    )
