"""Reading proposals: an admin sees all of them, everybody else those of their own tokens."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from vela.clock import now
from vela.db import MOST_ID, find
from vela.domain.people.access import Actor, Role
from vela.domain.people.models import PersonalToken, User
from vela.domain.proposals.models import Proposal, State
from vela.errors import NotFound

MOST = 50


def may_see(actor: Actor, proposal: Proposal) -> bool:
    return actor.role is Role.ADMIN or proposal.user_id == actor.user_id


def proposal(session: Session, actor: Actor, proposal_id: int) -> Proposal:
    """One proposal. Raises NotFound for one that does not exist, or is not theirs to see."""
    found = find(session, Proposal, proposal_id)
    if found is None or not may_see(actor, found):
        raise NotFound("proposal", proposal_id)
    return found


def waiting(session: Session, actor: Actor, *, after: int | None = None, most: int | None = None) -> Sequence[Proposal]:
    """Those that wait for somebody's decision, oldest first; with `after`, only those with a higher id."""
    mine = select(Proposal).where(*_is_waiting(), *_seen_by(actor)).order_by(Proposal.id).limit(most)
    return session.scalars(mine if after is None else mine.where(Proposal.id > min(after, MOST_ID))).all()


def count_waiting(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count(Proposal.id)).where(*_is_waiting(), *_seen_by(actor))) or 0


def count_waiting_of(session: Session, user_id: int | None) -> int:
    """How many proposals of one user wait for a decision; those of tokens that were revoked wait no more."""
    mine = (*_is_waiting(), Proposal.user_id == user_id)
    return session.scalar(select(func.count(Proposal.id)).where(*mine)) or 0


def decided(
    session: Session, actor: Actor, *, before: int | None = None, most: int | None = MOST
) -> Sequence[Proposal]:
    """At most `most` that were decided or have expired, newest first, of those before number `before`."""
    listed = select(Proposal).where(_is_over(), *_seen_by(actor)).order_by(Proposal.id.desc()).limit(most)
    if before is not None:
        listed = listed.where(Proposal.id < min(before, MOST_ID))
    return session.scalars(listed).all()


def count_decided(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count(Proposal.id)).where(_is_over(), *_seen_by(actor))) or 0


def _is_over() -> ColumnElement[bool]:
    return not_(and_(*_is_waiting()))


def _is_waiting() -> tuple[ColumnElement[bool], ...]:
    return (
        Proposal.state == State.WAITING,
        Proposal.expires_at > now(),
        ~Proposal.token.has(PersonalToken.ended_at.is_not(None)),
        Proposal.user.has(User.active),
    )


def _seen_by(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return () if actor.role is Role.ADMIN else (Proposal.user_id == (actor.user_id or 0),)
