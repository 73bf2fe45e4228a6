"""Keys that make a repeated request safe: what is kept, for whom, how long, and what two at once are told."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests import make
from vela.clock import now
from vela.db import Database
from vela.domain.catalog.commands import activate, deactivate
from vela.domain.idempotency import keys
from vela.domain.idempotency.keys import Answer, Replayed
from vela.domain.idempotency.models import KeptAnswer
from vela.domain.ledger.commands import record_sale
from vela.domain.ledger.intake import NewTransaction
from vela.domain.ledger.models import Transaction
from vela.errors import Conflict, Invalid, Unprocessable
from vela.periods import Month

KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def offer(database: Database) -> int:
    with database.transaction() as session:
        make.user(session, "salma", role="admin")
        make.user(session, "youssef")
        return make.offer(session, "Atlas").id


def sell(database: Database, offer: int, *, quantity: int = 1, key: str = KEY, user: int = 1) -> str:
    """Record a sale under a key; the answer names the sale."""
    words = NewTransaction(service_id=offer, quantity=quantity, month=Month(2026, 11))
    mark = keys.fingerprint("sell", words.model_dump())
    with database.transaction() as session, keys.once(session, user, key, mark) as keep:
        sale = record_sale(session, make.admin(), words)
        keep(Answer(f"sale {sale.id}", 201, {"Location": f"/sales/{sale.id}"}))
        return f"sale {sale.id}"


def replayed(act: Callable[..., object], *arguments: Any, **named: Any) -> Answer:
    with pytest.raises(Replayed) as raised:
        act(*arguments, **named)
    return raised.value.answer


def rows(database: Database) -> tuple[int, int]:
    """How many sales and kept answers there are."""
    with database.reading() as session:
        sales, answers = (session.scalar(select(func.count()).select_from(it)) or 0 for it in (Transaction, KeptAnswer))
        return sales, answers


def test_the_second_time_gets_the_first_answer(database: Database, offer: int) -> None:
    assert sell(database, offer) == "sale 1"
    for _ in range(3):
        assert replayed(sell, database, offer) == Answer("sale 1", 201, {"Location": "/sales/1"})
    assert rows(database) == (1, 1)


def test_another_key_is_another_sale(database: Database, offer: int) -> None:
    assert [sell(database, offer, key=str(number)) for number in range(3)] == ["sale 1", "sale 2", "sale 3"]
    assert rows(database) == (3, 3)


def test_a_key_is_its_users_own(database: Database, offer: int) -> None:
    assert [sell(database, offer, user=1), sell(database, offer, user=2)] == ["sale 1", "sale 2"]
    assert replayed(sell, database, offer, user=2).body == "sale 2"


def test_a_key_stands_for_one_request(database: Database, offer: int) -> None:
    sell(database, offer)
    with pytest.raises(Unprocessable) as refusal:
        sell(database, offer, quantity=2)
    assert refusal.value.code == "idempotency_key_reused"
    assert rows(database) == (1, 1)
    assert replayed(sell, database, offer).body == "sale 1"


def test_a_refused_request_leaves_its_key_free(database: Database, offer: int) -> None:
    with database.transaction() as session:
        deactivate(session, make.admin(), offer)
    with pytest.raises(Conflict):
        sell(database, offer)
    assert rows(database) == (0, 0)
    with database.transaction() as session:
        activate(session, make.admin(), offer)
    assert sell(database, offer, quantity=2) == "sale 1"
    assert replayed(sell, database, offer, quantity=2).body == "sale 1"


def test_a_key_is_forgotten_after_a_day(database: Database, offer: int) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        sell(database, offer)
    with time_machine.travel(start + timedelta(hours=24, seconds=-1), tick=False):
        assert replayed(sell, database, offer).body == "sale 1"
        with database.transaction() as session:
            assert keys.forget_old(session) == 0
    with time_machine.travel(start + timedelta(hours=24), tick=False):
        assert sell(database, offer, quantity=2) == "sale 2"
        assert replayed(sell, database, offer, quantity=2).body == "sale 2"
    assert rows(database) == (2, 1)


def test_old_answers_are_dropped(database: Database, offer: int) -> None:
    with time_machine.travel(now() - timedelta(days=2), tick=False):
        sell(database, offer, key="old")
    sell(database, offer, key="new")
    with database.transaction() as session:
        assert keys.forget_old(session) == 1
        assert session.scalars(select(KeptAnswer.key)).all() == ["new"]
    assert rows(database)[0] == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "ключ", "a\nb", "a\0b", "\u202e", "a\x7f"])
def test_what_is_no_key_is_refused(database: Database, offer: int, key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        sell(database, offer, key=key)
    assert [issue.field for issue in refusal.value.issues] == ["idempotency_key"]
    assert rows(database) == (0, 0)


@pytest.mark.parametrize("key", ["x", "x" * 200, "a b", "!~", KEY])
def test_printable_signs_are_a_key(database: Database, offer: int, key: str) -> None:
    sell(database, offer, key=key)
    assert replayed(sell, database, offer, key=key).body == "sale 1"


def test_forgetting_to_keep_an_answer_is_a_loud_mistake_and_stores_nothing(database: Database, offer: int) -> None:
    words = NewTransaction(service_id=offer, month=Month(2026, 11))

    def forgetful() -> None:
        with database.transaction() as session, keys.once(session, 1, KEY, "mark"):
            record_sale(session, make.admin(), words)

    with pytest.raises(RuntimeError, match="without an answer"):
        forgetful()
    assert rows(database) == (0, 0)


def test_fifty_at_once_are_one(database: Database, offer: int) -> None:
    barrier = Barrier(50)

    def start(_number: int) -> str:
        barrier.wait()
        try:
            return sell(database, offer)
        except Replayed as told:
            return told.answer.body

    with ThreadPoolExecutor(50) as threads:
        assert Counter(threads.map(start, range(50))) == {"sale 1": 50}
    assert rows(database) == (1, 1)


def slowly(database: Database, offer: int, claimed: Event, go_on: Event, *, fails: bool) -> str:
    """A sale under the key whose request is long at work, and then dies or succeeds."""
    words = NewTransaction(service_id=offer, month=Month(2026, 11))
    mark = keys.fingerprint("sell", words.model_dump())
    with database.transaction() as session, keys.once(session, 1, KEY, mark) as keep:
        sale = record_sale(session, make.admin(), words)
        claimed.set()
        assert go_on.wait(30)
        if fails:
            raise ConnectionError("the worker is gone")
        keep(Answer(f"slow sale {sale.id}"))
        return f"slow sale {sale.id}"


def somebody_waits(session: Session) -> bool:
    """Whether a transaction waits for another; on SQLite every writer does, so that there is nothing to look at."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(session.scalar(text(waiting)))


@pytest.mark.parametrize("fails", [True, False])
def test_a_second_waits_for_the_first_and_does_what_a_dead_one_did_not(
    database: Database, offer: int, fails: bool
) -> None:
    claimed, go_on = Event(), Event()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(slowly, database, offer, claimed, go_on, fails=fails)
        assert claimed.wait(30)
        second = threads.submit(sell, database, offer)
        waits = False
        while not waits:
            with database.reading() as session:
                waits = somebody_waits(session)
        assert not second.done()
        go_on.set()
        if fails:
            assert isinstance(first.exception(30), ConnectionError)
            assert second.result(30).startswith("sale ")
        else:
            assert first.result(30) == "slow sale 1"
            raised = second.exception(30)
            assert isinstance(raised, Replayed)
            assert raised.answer.body == "slow sale 1"
    assert rows(database) == (1, 1)


def test_the_order_of_what_is_said_does_not_matter_and_everything_else_does() -> None:
    mark = keys.fingerprint("sell", {"service_id": 1, "quantity": 2})
    assert mark == keys.fingerprint("sell", {"quantity": 2, "service_id": 1})
    others = [("sell", {"service_id": 1, "quantity": "2"}), ("sell", {"service_id": 1}), ("buy", {"service_id": 1})]
    assert len({mark, *(keys.fingerprint(act, said) for act, said in others)}) == 4
