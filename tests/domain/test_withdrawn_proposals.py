"""Proposals that nobody can approve: their token was revoked, their user lost the right, or they change nothing."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests import make
from tests.domain.books import act, new_offer, part_id, refused, reprice
from tests.domain.test_at_once import at_once, kinds
from tests.domain.test_proposals import agent, approved, propose, rehearsed
from vela.clock import now
from vela.db import Database
from vela.domain.ledger.models import Transaction
from vela.domain.people import queries as people
from vela.domain.people import signins
from vela.domain.people.access import Actor, Face
from vela.domain.people.commands import change_user
from vela.domain.people.intake import NewToken, UserChanges
from vela.domain.proposals import commands, queries
from vela.domain.proposals.commands import approve, decline, look_again, plan_of
from vela.domain.proposals.kinds import KINDS
from vela.domain.proposals.models import State
from vela.domain.proposals.obstacles import in_the_way
from vela.errors import Conflict
from vela.intake import read


@pytest.fixture
def salma(database: Database) -> Actor:
    """A person who has signed in."""
    with database.transaction() as session:
        return signins.actor_for(make.user(session, "salma", role="admin"), Face.BROWSER)


@pytest.fixture
def atlas(database: Database) -> int:
    return new_offer(database, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))


def token_agent(database: Database, person: Actor) -> Actor:
    """The person's agent, with a token that is kept and can be revoked."""
    with database.transaction() as session:
        words = read(NewToken, {"name": "Laptop", "scope": "propose"})
        user = people.user(session, person.user_id or 0)
        return signins.actor_for(user, Face.AGENT, signins.create_token(session, person, user, words)[0])


def revoke(database: Database, person: Actor, agents: Actor) -> Any:
    return act(database, signins.end_token, person, agents.token_id or 0)


def test_what_would_change_nothing_is_not_proposed(database: Database, salma: Actor, atlas: int) -> None:
    said = {"component_id": part_id(database, atlas, "RAM"), "unit_sell": 500, "quantity": 1}
    kind = KINDS["update_component"]
    words = read(kind.reads, said, typed=True)
    refusal = refused(Conflict, database, commands.propose, agent(salma), kind, words, lambda _: None)
    assert refusal.code == "nothing_changes"
    assert rehearsed(database, agent(salma), "update_component", **said).is_nothing
    with database.reading() as session:
        assert queries.waiting(session, salma) == []


def test_what_was_done_meanwhile_is_not_approved_again(database: Database, salma: Actor, atlas: int) -> None:
    ram = part_id(database, atlas, "RAM")
    proposal = propose(database, agent(salma), "update_component", component_id=ram, unit_sell=550)
    reprice(database, ram, unit_sell=550)
    shown = plan_of(proposal).mark
    assert refused(Conflict, database, approve, salma, proposal.id, seen=shown).code == "nothing_changes"
    assert act(database, decline, salma, proposal.id).standing is State.DECLINED


def test_a_revoked_token_takes_its_proposals_with_it(database: Database, salma: Actor, atlas: int) -> None:
    laptop, phone = token_agent(database, salma), token_agent(database, salma)
    said = {"service_id": atlas, "month": "2026-10"}
    gone, stays = (propose(database, each, "add_transaction", **said) for each in (laptop, phone))
    revoke(database, salma, laptop)
    for decide in (decline, look_again):
        refusal = refused(Conflict, database, decide, salma, gone.id)
        assert (refusal.data["state"], "was revoked" in refusal.message) == ("withdrawn", True)
    refusal = refused(Conflict, database, approve, salma, gone.id, seen=plan_of(gone).mark)
    assert (refusal.code, refusal.data["state"]) == ("decided", "withdrawn")
    with database.reading() as session:
        assert [each.id for each in queries.waiting(session, salma)] == [stays.id]
        assert queries.count_waiting(session, salma) == 1
        (over,) = queries.decided(session, salma)
        assert (over.id, over.standing, queries.count_decided(session, salma)) == (gone.id, State.WITHDRAWN, 1)
    approved(database, salma, stays)


def test_a_revoked_token_leaves_room_for_other_proposals(
    database: Database, salma: Actor, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_WAITING", 1)
    laptop, phone = token_agent(database, salma), token_agent(database, salma)
    said = {"service_id": atlas, "month": "2026-10"}
    propose(database, laptop, "add_transaction", **said)
    kind = KINDS["add_transaction"]
    words = read(kind.reads, said, typed=True)
    refusal = refused(Conflict, database, commands.propose, phone, kind, words, lambda _: None)
    assert refusal.code == "too_many_waiting"
    revoke(database, salma, laptop)
    stays = propose(database, phone, "add_transaction", **said)
    with database.reading() as session:
        assert [each.id for each in queries.waiting(session, salma)] == [stays.id]


def test_what_was_decided_stays_so_when_the_token_is_revoked(database: Database, salma: Actor, atlas: int) -> None:
    laptop = token_agent(database, salma)
    proposal = propose(database, laptop, "add_transaction", service_id=atlas, month="2026-10")
    approved(database, salma, proposal)
    revoke(database, salma, laptop)
    with database.reading() as session:
        assert queries.proposal(session, salma, proposal.id).standing is State.APPROVED


def test_a_token_that_has_run_out_leaves_what_it_proposed(database: Database, salma: Actor, atlas: int) -> None:
    with database.transaction() as session:
        user = people.user(session, salma.user_id or 0)
        words = read(NewToken, {"name": "Day", "scope": "propose", "expires_in_days": 1})
        day = signins.actor_for(user, Face.AGENT, signins.create_token(session, salma, user, words)[0])
    proposal = propose(database, day, "add_transaction", service_id=atlas, month="2026-10")
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        approved(database, salma, proposal)


def test_nobody_approves_for_who_was_deactivated_or_lost_the_right(
    database: Database, salma: Actor, atlas: int
) -> None:
    with database.transaction() as session:
        omar = signins.actor_for(make.user(session, "omar"), Face.BROWSER)
    of_omar = propose(database, agent(omar), "add_transaction", service_id=atlas, month="2026-10")
    mark, user_id = plan_of(of_omar).mark, omar.user_id or 0
    for changes, code, words in (
        ({"may_record_sales": False}, "proposer_lost_right", "may not do it any more"),
        ({"active": False}, "decided", "was deactivated since"),
    ):
        act(database, change_user, salma, user_id, read(UserChanges, changes))
        refusal = refused(Conflict, database, approve, salma, of_omar.id, seen=mark)
        assert (refusal.code, words in refusal.message) == (code, True)
        with database.reading() as session:
            assert words in in_the_way(queries.proposal(session, salma, of_omar.id))
    act(database, change_user, salma, user_id, read(UserChanges, {"active": True, "may_record_sales": True}))
    act(database, approve, salma, of_omar.id, seen=mark)


def test_revoked_and_approved_at_the_same_moment_one_comes_first(database: Database, salma: Actor, atlas: int) -> None:
    for _each in range(5):
        laptop = token_agent(database, salma)
        proposal = propose(database, laptop, "add_transaction", service_id=atlas, month="2026-10")
        with database.reading() as session:
            before = len(session.scalars(select(Transaction)).all())
        outcomes = at_once([partial(approved, database, salma, proposal), partial(revoke, database, salma, laptop)])
        happened = kinds(outcomes)
        assert happened in ({"Transaction": 1, "PersonalToken": 1}, {"Conflict": 1, "PersonalToken": 1})
        with database.reading() as session:
            stands = queries.proposal(session, salma, proposal.id).standing
            assert stands is (State.APPROVED if "Transaction" in happened else State.WITHDRAWN)
            assert len(session.scalars(select(Transaction)).all()) - before == ("Transaction" in happened)
