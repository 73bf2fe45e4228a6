"""The queue of webhooks: who sends what, when again, and when no more."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.domain.books import SALMA, act, refused
from tests.domain.test_webhooks import SEALER, add, told
from vela import checking
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.notifying import commands, queries, queue, schedule
from vela.domain.notifying.intake import WebhookChanges
from vela.domain.notifying.models import Delivery
from vela.domain.notifying.queue import Outcome, Parcel
from vela.errors import Conflict
from vela.intake import read
from vela.sealing import Sealer


def take(database: Database, webhook_id: int, **how: Any) -> Parcel | None:
    return act(database, queue.take, SEALER, webhook_id, **how)


def due(database: Database) -> list[int]:
    with database.reading() as session:
        return queue.due(session)


def only(database: Database) -> Delivery:
    with database.reading() as session:
        return session.scalars(select(Delivery)).one()


@pytest.fixture
def waiting(database: Database) -> int:
    """A webhook for which one event waits."""
    webhook_id, _secret = add(database)
    act(database, commands.ping, SALMA, webhook_id)
    return webhook_id


def test_what_one_has_taken_nobody_else_takes_until_the_lease_ends(database: Database, waiting: int) -> None:
    mine = take(database, waiting)
    assert mine is not None
    assert (take(database, waiting), due(database), only(database).state) == (None, [], "sending")
    with time_machine.travel(now() + queue.LEASE + timedelta(seconds=1)):
        assert due(database) == [waiting]
        theirs = take(database, waiting)
        assert theirs is not None
        assert (theirs.name, theirs.body) == (mine.name, mine.body)
        assert theirs.claim != mine.claim
        act(database, queue.settle, mine, Outcome(200))
        assert only(database).state == "sending", "whoever lost the claim says nothing about it any more"
        act(database, queue.settle, theirs, Outcome(204, "fine"))
    found = only(database)
    assert (found.state, found.attempts, found.last_status, found.last_answer) == ("delivered", 1, 204, "fine")


def test_one_webhook_is_sent_one_event_at_a_time_in_order(database: Database, waiting: int) -> None:
    act(database, commands.ping, SALMA, waiting)
    first = take(database, waiting)
    assert first is not None
    assert take(database, waiting) is None
    act(database, queue.settle, first, Outcome(200))
    second = take(database, waiting)
    assert second is not None
    assert second.delivery_id == first.delivery_id + 1


def test_what_fails_is_sent_again_and_given_up_in_the_end(
    database: Database, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SPREAD", 0)
    found = only(database)
    with time_machine.travel(now(), tick=False) as clock:
        for step in range(1, 11):
            parcel = take(database, waiting)
            assert parcel is not None
            assert act(database, queue.settle, parcel, Outcome(500, "no")) == ("failing" if step == 10 else "")
            found = only(database)
            assert (found.attempts, due(database)) == (step, [])
            if found.next_attempt_at is not None:
                clock.move_to(found.next_attempt_at)
    assert (found.state, found.next_attempt_at) == ("given_up", None)
    with database.reading() as session:
        webhook = queries.webhook(session, waiting)
        assert (webhook.off, webhook.active) == ("failing", False), "it failed for three days"
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last is not None
    assert (last.action, last.username, last.after and last.after["because"]) == ("turn off", queue.SENDER, "failing")


def test_one_success_in_three_days_keeps_a_webhook_on(database: Database, waiting: int) -> None:
    def attempt(outcome: Outcome) -> None:
        parcel = take(database, waiting)
        assert parcel is not None
        act(database, queue.settle, parcel, outcome)

    with time_machine.travel(now(), tick=False) as clock:
        for step in range(10):
            attempt(Outcome(trouble="timeout"))
            if step in (2, 5, 7):
                act(database, commands.ping, SALMA, waiting)
                attempt(Outcome(200))
            clock.shift(timedelta(hours=27))
    with database.reading() as session:
        assert {each.state for each in queries.deliveries(session, waiting)} == {"delivered", "given_up"}
        assert queries.webhook(session, waiting).active


def test_who_is_gone_is_not_asked_again(database: Database, waiting: int) -> None:
    parcel = take(database, waiting)
    assert parcel is not None
    assert act(database, queue.settle, parcel, Outcome(410)) == "gone"
    assert only(database).state == "given_up"
    assert refused(Conflict, database, commands.ping, SALMA, waiting).code == "webhook_off"
    assert refused(Conflict, database, commands.replay, SALMA, parcel.delivery_id).code == "webhook_off"
    webhook = act(database, commands.change_webhook, SALMA, waiting, read(WebhookChanges, {"active": True}))
    assert (webhook.active, webhook.failing_since) == (True, None)
    act(database, commands.replay, SALMA, parcel.delivery_id)
    again = take(database, waiting)
    assert again is not None
    assert again.name == parcel.name


def test_whoever_asks_for_rest_gets_it(database: Database, waiting: int) -> None:
    act(database, commands.ping, SALMA, waiting)
    parcel = take(database, waiting)
    assert parcel is not None
    with time_machine.travel(now(), tick=False) as clock:
        act(database, queue.settle, parcel, Outcome(503, asked=timedelta(minutes=10)))
        assert (due(database), take(database, waiting)) == ([], None)
        clock.shift(timedelta(minutes=11))
        assert due(database) == [waiting]
        assert take(database, waiting) is not None


def test_an_address_that_is_down_is_tried_with_one_event_and_not_with_all(database: Database, waiting: int) -> None:
    for _each in range(20):
        act(database, commands.ping, SALMA, waiting)
    attempts = 0
    with time_machine.travel(now(), tick=False) as clock:
        for _each in range(60):
            while parcel := take(database, waiting):
                act(database, queue.settle, parcel, Outcome(trouble="timeout"))
                attempts += 1
            clock.shift(timedelta(minutes=1))
        assert 12 <= attempts <= 30, "every five minutes in the end"
        clock.shift(queue.FAILS_FOR)
        parcel = take(database, waiting)
        assert parcel is not None
        assert act(database, queue.settle, parcel, Outcome(trouble="timeout")) == "failing"
    with database.reading() as session:
        assert {each.state for each in queries.deliveries(session, waiting)} == {"waiting"}, "nothing of it is lost"


def test_one_event_that_is_refused_keeps_others_for_seconds(database: Database, waiting: int) -> None:
    act(database, commands.ping, SALMA, waiting)
    with time_machine.travel(now(), tick=False) as clock:
        refused_one = take(database, waiting)
        assert refused_one is not None
        act(database, queue.settle, refused_one, Outcome(422, "I do not know this kind"))
        assert take(database, waiting) is None
        clock.shift(timedelta(seconds=4.4))
        assert take(database, waiting) is None
        clock.shift(timedelta(seconds=0.7))
        following = take(database, waiting)
        assert following is not None
        assert following.delivery_id != refused_one.delivery_id


def test_how_it_stands_is_told(database: Database, waiting: int) -> None:
    def stands() -> tuple[int, bool, int, int, bool, int]:
        with database.reading() as session:
            found, ailing = queries.queue(session), queries.ailing(session)
        return found.waiting, bool(found.oldest), found.given_up, found.off, bool(found.failing_since), ailing

    assert stands() == (1, True, 0, 0, False, 0)
    parcel = take(database, waiting)
    assert parcel is not None
    act(database, queue.settle, parcel, Outcome(500))
    assert stands() == (1, True, 0, 0, True, 0)
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert stands() == (1, True, 0, 0, True, 1)
        parcel = take(database, waiting)
        assert parcel is not None
        act(database, queue.settle, parcel, Outcome(410))
        assert stands() == (0, False, 1, 1, False, 1)
        act(database, commands.change_webhook, SALMA, waiting, read(WebhookChanges, {"active": False}))
        assert stands() == (0, False, 1, 0, False, 0), "a person knows of it now"


def test_what_waits_is_not_sent_while_a_webhook_is_off(database: Database, waiting: int) -> None:
    act(database, commands.change_webhook, SALMA, waiting, read(WebhookChanges, {"active": False}))
    assert (due(database), take(database, waiting)) == ([], None)
    with database.reading() as session:
        assert queries.queue(session).waiting == 0


def test_a_secret_that_cannot_be_opened_turns_a_webhook_off_until_it_has_another(
    database: Database, waiting: int
) -> None:
    other = Sealer(b"another key, of a machine elsewhere")
    assert act(database, queue.take, other, waiting) is None
    with database.reading() as session:
        assert queries.webhook(session, waiting).off == "secret"
    act(database, commands.rotate_secret, SALMA, other, waiting)
    assert act(database, queue.take, other, waiting) is not None


def test_an_event_is_sent_again_under_its_own_name(database: Database, waiting: int) -> None:
    first = take(database, waiting)
    assert first is not None
    assert refused(Conflict, database, commands.replay, SALMA, first.delivery_id).code == "being_sent"
    act(database, queue.settle, first, Outcome(200, "fine"))
    assert take(database, waiting) is None
    act(database, commands.replay, SALMA, first.delivery_id)
    again = take(database, waiting)
    assert again is not None
    assert (again.name, again.body) == (first.name, first.body)
    act(database, queue.settle, again, Outcome(500))
    assert (only(database).attempts, only(database).step) == (2, 1)


def test_the_check_forgets_what_is_older_than_thirty_days(database: Database, waiting: int) -> None:
    with time_machine.travel(now() + timedelta(days=29)):
        assert checking.check(database) == []
        assert len(told(database)) == 1
    with time_machine.travel(now() + timedelta(days=31)):
        assert checking.check(database) == []
        assert told(database) == []
    with database.reading() as session:
        assert session.scalars(select(Delivery)).all() == []
