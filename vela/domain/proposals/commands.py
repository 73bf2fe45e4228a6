"""Proposing a change, and deciding: approved it is done once, exactly as it was shown; otherwise nothing is done."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import hold
from vela.domain.audit import trail
from vela.domain.people.access import Actor, Face, require, require_to_propose
from vela.domain.people.models import PersonalToken, User
from vela.domain.proposals.kinds import KINDS, Kind
from vela.domain.proposals.models import Proposal, State
from vela.domain.proposals.obstacles import in_the_way, refuse_in_the_way
from vela.domain.proposals.plan import Plan
from vela.domain.proposals.queries import count_waiting_of, may_see
from vela.domain.proposals.rehearsing import Done, perform, rehearse
from vela.errors import Conflict, Forbidden, NotFound
from vela.intake import Words, read
from vela.language import gettext as _

LASTS = timedelta(days=7)
REMEMBERED = timedelta(days=365)
MOST_WAITING = 100

Seen = TypeVar("Seen")


class GroundMoved(Conflict):
    """A proposal would do something else by now than what was shown; its plan was made anew, to be looked at again."""

    def __init__(self, proposal: Proposal) -> None:
        words = _("The ground has moved since you looked: this would do something else now. Nothing was changed.")
        super().__init__("ground_moved", words, proposal=proposal.id)


def propose(
    session: Session, actor: Actor, kind: Kind, words: Words, look: Callable[[Done], Seen]
) -> tuple[Proposal, Seen]:
    """Keep a change for a person to approve; returns it, and what `look` saw of the change while it was rehearsed.

    Raises Forbidden unless the actor may propose it; whatever doing it now would raise; Conflict when too many of
    theirs are waiting, and when it would change nothing.
    """
    require_to_propose(actor, kind.act)
    if count_waiting_of(session, actor.user_id) >= MOST_WAITING:
        told = _("%(most)d proposals are waiting already. Somebody has to decide about them first.", most=MOST_WAITING)
        raise Conflict("too_many_waiting", told)
    plan, seen = rehearse(session, actor, kind, words, lambda done: (done.plan, look(done)))
    _refuse_nothing(plan)
    proposal = Proposal(
        user_id=actor.user_id,
        token_id=actor.token_id,
        token_name=actor.token_name,
        face=actor.face,
        change=kind.name,
        words=json.dumps(trail.plain(words.said())),
        plan=plan.model_dump_json(),
        created_at=now(),
        expires_at=now() + LASTS,
    )
    session.add(proposal)
    session.flush()
    after = {"change": kind.name, "service": plan.service}
    trail.record(session, actor, "propose", "proposal", proposal.id, after=after)
    return proposal, seen


def approve(session: Session, actor: Actor, proposal_id: int, *, seen: str) -> tuple[Proposal, Any]:
    """Do what was proposed; `seen` is the mark of the plan that the person looked at. Returns it, and what it made.

    Raises Forbidden for whoever came with a token, or may not do it themselves; NotFound; Conflict when it was decided
    about, has expired or was withdrawn, when its user may not do it any more, and when it would change nothing by now;
    whatever the change itself raises; GroundMoved, with nothing done and the new plan kept by
    `look_again`, when it would do something else than what was seen.
    """
    _require_person(actor)
    proposal = _waiting(session, actor, proposal_id)
    kind = KINDS[proposal.change]
    require(actor, kind.act)
    refuse_in_the_way(proposal)
    hand = replace(actor, face=Face.PROPOSAL, token_name=proposal.token_name)
    done = perform(session, hand, kind, words_of(proposal))
    _refuse_nothing(done.plan)
    if done.plan.mark != seen:
        raise GroundMoved(proposal)
    proposal.plan = done.plan.model_dump_json()
    _decide(session, actor, proposal, State.APPROVED)
    return proposal, done.thing


def look_again(session: Session, actor: Actor, proposal_id: int) -> Proposal:
    """Find out anew what a proposal would do, after the ground has moved. Raises as `approve` does."""
    _require_person(actor)
    proposal = _waiting(session, actor, proposal_id)
    refuse_in_the_way(proposal)
    plan = rehearse(session, actor, KINDS[proposal.change], words_of(proposal), lambda done: done.plan)
    if plan.mark != plan_of(proposal).mark:
        proposal.plan, proposal.moved_at = plan.model_dump_json(), now()
        session.flush()
    return proposal


def decline(session: Session, actor: Actor, proposal_id: int) -> Proposal:
    """Let nothing come of a proposal. Raises Forbidden for whoever came with a token; NotFound; Conflict."""
    _require_person(actor)
    proposal = _waiting(session, actor, proposal_id)
    _decide(session, actor, proposal, State.DECLINED)
    return proposal


def forget_old(session: Session) -> int:
    """Drop proposals that were decided, or expired, a year ago; returns how many. The trail keeps what was done."""
    old = delete(Proposal).where(Proposal.expires_at <= now() - REMEMBERED)
    return len(session.scalars(old.returning(Proposal.id)).all())


def plan_of(proposal: Proposal) -> Plan:
    """What a proposal would do, or did, as it was shown last."""
    return Plan.model_validate_json(proposal.plan)


def words_of(proposal: Proposal) -> Words:
    """What was said when it was proposed."""
    return read(KINDS[proposal.change].reads, json.loads(proposal.words), typed=True)


def _refuse_nothing(plan: Plan) -> None:
    if plan.is_nothing:
        words = _("This would change nothing: everything stands like this already. There is nothing to approve.")
        raise Conflict("nothing_changes", words)


def _require_person(actor: Actor) -> None:
    """Raises Forbidden for whoever came with a token: a token that proposes, or that was stolen, approves nothing."""
    if actor.token_id is not None:
        words = _("Only a person who has signed in decides about proposals. Open Proposals in the browser.")
        raise Forbidden("person_needed", words)


def _waiting(session: Session, actor: Actor, proposal_id: int) -> Proposal:
    """The proposal, held, with its token and its user as they stand until the transaction ends."""
    proposal = hold(session, Proposal, proposal_id)
    if proposal is None or not may_see(actor, proposal):
        raise NotFound("proposal", proposal_id)
    hold(session, User, proposal.user_id, shared=True)
    hold(session, PersonalToken, proposal.token_id or 0, shared=True)
    words = {
        State.APPROVED: _("This was approved already, and done once."),
        State.DECLINED: _("This was declined already."),
        State.EXPIRED: _("This has expired. It has to be proposed again."),
        State.WITHDRAWN: in_the_way(proposal),
    }.get(proposal.standing)
    if words:
        raise Conflict("decided", words, state=proposal.standing.value)
    return proposal


def _decide(session: Session, actor: Actor, proposal: Proposal, state: State) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by = state.value, now(), actor.display_name
    session.flush()
    act = "approve" if state is State.APPROVED else "decline"
    after = {"change": proposal.change, "token": proposal.token_name}
    trail.record(session, actor, act, "proposal", proposal.id, after=after)
