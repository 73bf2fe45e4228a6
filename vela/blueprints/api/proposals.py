"""Proposals over JSON: what a change would do, changes that wait for a person, and the person's decision."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import Field

from vela.blueprints.api.answers import answer, listing
from vela.blueprints.api.describing import NEEDS_RIGHTS, PAGED, Answer
from vela.blueprints.api.guards import actor, database
from vela.blueprints.api.paging import LongPageQuery
from vela.blueprints.api.reading import ParameterFlag, ProposalPath, body
from vela.blueprints.api.retries import creating
from vela.blueprints.api.routes import call
from vela.domain.people.access import require_to_propose
from vela.domain.proposals import commands, queries
from vela.domain.proposals.commands import GroundMoved
from vela.domain.proposals.kinds import KINDS, Kind
from vela.domain.proposals.rehearsing import rehearse
from vela.intake import Words
from vela.shapes.effects import EffectShape, ProposalShape

TAG = "Proposals"
EXAMPLES: dict[str, dict[str, object]] = {
    "add_component": {"service_id": 1, "name": "Monitoring", "unit_cost": 20, "unit_sell": 60},
    "update_component": {"component_id": 1, "unit_cost": 655},
    "delete_component": {"component_id": 1},
    "undo_change": {"service_id": 1, "revision": 2},
    "add_transaction": {"service_id": 1, "quantity": 2, "month": "2026-11", "notes": "Order 1047"},
    "void_transaction": {"transaction_id": 1},
}


class ProposalsQuery(LongPageQuery):
    """Which proposals to list: those that wait, oldest first; or those that are over, newest first."""

    decided: ParameterFlag = False


class SeenEffect(Words):
    """The effect that the person looked at."""

    mark: Annotated[str, Field(description="The `mark` of the proposal as it was shown.", max_length=64)]


def _for_each(kind: Kind) -> None:
    """The two calls of one kind of change: to find out what it would do, and to propose it."""

    def dry_run() -> Response:
        require_to_propose(actor(), kind.act)
        words = body(kind.reads)
        with database().transaction() as session:
            return answer(rehearse(session, actor(), kind, words, lambda done: EffectShape.of(done.plan)))

    def propose() -> Response:
        require_to_propose(actor(), kind.act)
        words = body(kind.reads)
        with creating(words) as (session, keep):
            made, _seen = commands.propose(session, actor(), kind, words, lambda _done: None)
            shape = ProposalShape.of(made)
            return keep(answer(shape, HTTPStatus.CREATED, place=f"/api/proposals/{made.id}"))

    what = kind.name.replace("_", " ")
    dry_run.__name__, propose.__name__ = f"dry_run_{kind.name}", f"propose_{kind.name}"
    dry_run.__doc__ = f"What it would do to the figures to {what}; nothing is stored."
    propose.__doc__ = f"Propose to {what}: nothing changes before a person approves it, for 7 days."
    route = partial(call, tag=TAG, said=kind.reads, example=EXAMPLES[kind.name], refuses=(*NEEDS_RIGHTS, 404, 409))
    route(f"POST /dry-runs/{kind.name}", answer=Answer(model=EffectShape))(dry_run)
    made = Answer(HTTPStatus.CREATED, ProposalShape, headers=("Location",))
    route(f"POST /proposals/{kind.name}", answer=made, takes_key=True)(propose)


for _kind in KINDS.values():
    _for_each(_kind)


@call("GET /proposals", TAG, Answer(model=ProposalShape, many=True, headers=PAGED))
def list_proposals(query: ProposalsQuery) -> Response:
    """What waits for a person, oldest first; with `decided`, what became of the rest, newest first."""
    with database().reading() as session:
        found = (
            queries.decided(session, actor(), before=query.cursor, most=query.most)
            if query.decided
            else queries.waiting(session, actor(), after=query.cursor, most=query.most)
        )
        total = (queries.count_decided if query.decided else queries.count_waiting)(session, actor())
        page = query.page(found, lambda proposal: proposal.id)
        return listing([ProposalShape.of(each) for each in page.things], total, page.following)


@call("GET /proposals/<int:proposal_id>", TAG, Answer(model=ProposalShape), refuses=(404,))
def get_proposal(path: ProposalPath) -> Response:
    """One proposal: what it would do, or did, and what was decided."""
    with database().reading() as session:
        return answer(ProposalShape.of(queries.proposal(session, actor(), path.proposal_id)))


@call(
    "POST /proposals/<int:proposal_id>/approve",
    TAG,
    Answer(model=ProposalShape),
    said=SeenEffect,
    example={"mark": "9f86d081884c7d659a2feaa0c55ad015"},
    refuses=(*NEEDS_RIGHTS, 404, 409),
)
def approve_proposal(path: ProposalPath) -> Response:
    """Do what was proposed, once, exactly as `mark` names it. Only with the token of a sign-in, never a personal one.

    409 GROUND_MOVED when it would do something else by now: read the proposal again, its effect was found out anew.
    """
    words = body(SeenEffect)
    try:
        with database().transaction() as session:
            approved, _thing = commands.approve(session, actor(), path.proposal_id, seen=words.mark)
            return answer(ProposalShape.of(approved))
    except GroundMoved:
        with database().transaction() as session:
            commands.look_again(session, actor(), path.proposal_id)
        raise


@call(
    "POST /proposals/<int:proposal_id>/decline",
    TAG,
    Answer(model=ProposalShape),
    refuses=(*NEEDS_RIGHTS, 404, 409),
)
def decline_proposal(path: ProposalPath) -> Response:
    """Let nothing come of a proposal. Only with the token of a sign-in, never a personal one."""
    with database().transaction() as session:
        return answer(ProposalShape.of(commands.decline(session, actor(), path.proposal_id)))
