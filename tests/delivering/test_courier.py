"""The courier: what is due is sent, signed, by one at a time, and again when whoever had it died."""

import base64
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select, text

from tests import make
from tests.delivering.receiver import Received, Receiver, answers, closed_port, receiving
from tests.domain.books import SALMA, act, new_offer
from tests.domain.test_webhooks import SEALER, add, sell
from vela.cli import main
from vela.clock import now
from vela.db import Database
from vela.delivering.courier import Courier
from vela.domain.notifying import commands, queries, queue, sealed
from vela.domain.notifying.intake import NewWebhook, WebhookChanges
from vela.domain.notifying.models import Delivery, Webhook
from vela.intake import read
from vela.sealing import Sealer
from vela.settings import Settings

SOON = 0.02


def courier(database: Database, **how: Any) -> Courier:
    return Courier(database, SEALER, **{"private": True, "every": SOON} | how)


@contextmanager
def at_work(*couriers: Courier) -> Generator[None]:
    for each in couriers:
        each.start()
    try:
        yield
    finally:
        for each in couriers:
            each.stop(5)


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return [each.state for each in session.scalars(select(Delivery).order_by(Delivery.id))]


def until(found: Callable[[], bool]) -> None:
    """Until it is so; a test that waits in vain fails here."""
    end = time.monotonic() + 20
    while not found():
        assert time.monotonic() < end
        time.sleep(SOON)


def is_signed(received: Received, secret: str) -> bool:
    """What the documentation tells receivers to do."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    name, at = received.headers["webhook-id"], received.headers["webhook-timestamp"]
    right = base64.b64encode(hmac.digest(key, f"{name}.{at}.{received.body}".encode(), "sha256")).decode()
    fresh = abs(now().timestamp() - int(at)) < 300
    said = received.headers["webhook-signature"].split()
    return fresh and any(hmac.compare_digest(each, f"v1,{right}") for each in said)


def test_a_sale_arrives_signed(database: Database) -> None:
    with receiving() as there:
        webhook_id, secret = add(database, address=there.address, private=True)
        sale_id = sell(database, new_offer(database))
        assert courier(database).deliver() == 1
        _webhook, other = act(database, commands.rotate_secret, SALMA, SEALER, webhook_id)
        act(database, commands.ping, SALMA, webhook_id)
        assert courier(database).deliver() == 1
    sale, ping = there.came
    assert is_signed(sale, secret)
    assert not is_signed(sale, other)
    assert is_signed(ping, secret)
    assert is_signed(ping, other)
    assert (sale.told["type"], sale.told["data"]["id"]) == ("transaction.recorded", sale_id)
    assert states(database) == ["delivered", "delivered"]
    assert sale.name.startswith("msg_")
    assert sale.name != ping.name


def test_nothing_is_sent_to_private_addresses(database: Database) -> None:
    with receiving() as there:
        webhook_id, _secret = add(database, address=there.address, private=True)
        act(database, commands.ping, SALMA, webhook_id)
        assert courier(database, private=False).deliver() == 1
        assert there.came == []
    with database.reading() as session:
        (found,) = queries.deliveries(session, webhook_id)
    assert (found.state, found.last_status, found.last_trouble) == ("waiting", None, "private")


def test_an_answer_that_a_database_could_not_hold_is_held(database: Database) -> None:
    with receiving() as there:
        there.act = answers(500, "\0\ud83d".encode(errors="replace").decode() + "x" * 9000)
        webhook_id, _secret = add(database, address=there.address, private=True)
        act(database, commands.ping, SALMA, webhook_id)
        courier(database).deliver()
    with database.reading() as session:
        assert queries.deliveries(session, webhook_id)[0].last_answer.startswith("\ufffd")


def test_two_that_work_side_by_side_send_each_event_once(database: Database) -> None:
    def slowly(handler: Any) -> None:
        time.sleep(SOON)
        answers(204)(handler)

    other = Database(database.url)
    with receiving() as there:
        there.act = slowly
        webhook_id, _secret = add(database, address=there.address, private=True)
        for _each in range(15):
            act(database, commands.ping, SALMA, webhook_id)
        with at_work(courier(database), courier(other)):
            until(lambda: set(states(database)) == {"delivered"})
    assert len(there.came) == 15
    assert len({each.name for each in there.came}) == 15
    assert there.most_at_once == 1
    other.close()


def test_one_that_hangs_keeps_no_other_waiting(database: Database) -> None:
    with receiving() as hanging, receiving() as there:
        hanging.act = hanging.hang
        for receiver in (hanging, there):
            webhook_id, _secret = add(database, address=receiver.address, private=True)
            act(database, commands.ping, SALMA, webhook_id)
        with at_work(courier(database)):
            hanging.wait_for(1)
            act(database, commands.ping, SALMA, webhook_id)
            there.wait_for(2)
            assert states(database)[0] == "sending"
            hanging.let_go.set()


def test_nobody_there_and_later_somebody(database: Database) -> None:
    webhook_id, _secret = add(database, address=f"http://127.0.0.1:{closed_port()}/", private=True)
    act(database, commands.ping, SALMA, webhook_id)
    courier(database).deliver()
    with database.reading() as session:
        (found,) = queries.deliveries(session, webhook_id)
    assert (found.state, found.last_trouble, found.attempts) == ("waiting", "unreachable", 1)
    assert found.next_attempt_at is not None
    assert found.last_attempt_at is not None
    assert timedelta(seconds=2) < found.next_attempt_at - found.last_attempt_at < timedelta(seconds=6)
    with time_machine.travel(found.last_attempt_at + timedelta(seconds=2), tick=False):
        assert courier(database).deliver() == 0, "it is not due yet"


KILLED = """
import sys
from datetime import timedelta
from vela.db import Database
from vela.delivering.courier import Courier
from vela.sealing import Sealer
sealer = Sealer(b"a key of tests, long enough for it")
Courier(Database(sys.argv[1]), sealer, private=True, lease=timedelta(seconds=1)).deliver()
"""


def test_what_was_on_its_way_when_its_sender_was_killed_is_sent_again(database: Database) -> None:
    with receiving() as there:
        there.act = there.hang
        sell_to(database, there)
        sender = subprocess.Popen([sys.executable, "-c", KILLED, database.url])
        there.wait_for(1)
        sender.kill()
        sender.wait()
        there.act = answers(204)
        with at_work(courier(database)):
            there.wait_for(2)
            until(lambda: states(database) == ["delivered"])
    first, again = there.came
    assert first.name == again.name
    assert first.body == again.body
    with database.reading() as session:
        assert session.scalars(select(Delivery)).one().attempts == 1, "nobody knows of the attempt of the dead"


def test_a_courier_that_is_told_to_stop_takes_nothing_more(database: Database) -> None:
    with receiving() as there:
        sell_to(database, there)
        stopped = courier(database)
        stopped.start()
        stopped.stop(5)
        came = len(there.came)
        sell(database, 1)
        assert stopped.deliver() == 0
        assert len(there.came) == came


def test_a_database_that_is_away_for_a_moment_stops_nobody(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as there:
        sell_to(database, there)
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE webhook_deliveries RENAME TO away"))
        with at_work(courier(database)):
            until(lambda: "webhooks wait" in logged(caplog))
            assert there.came == []
            with database.engine.begin() as connection:
                connection.execute(text("ALTER TABLE away RENAME TO webhook_deliveries"))
            there.wait_for(1)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.msg["event"] for each in caplog.records if isinstance(each.msg, dict)]


def sell_to(database: Database, there: Receiver) -> None:
    add(database, address=there.address, private=True)
    with database.transaction() as session:
        make.sale(session, make.offer(session))


def test_what_is_told_can_be_read_by_any_program(database: Database) -> None:
    with receiving() as there:
        sell_to(database, there)
        courier(database).deliver()
    assert json.loads(there.came[0].body)["data"]["revenue"] == 1000


def test_a_fault_of_ours_is_logged_with_a_code_and_the_event_is_sent_later(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """An address that got into the books past every check, and that the library of HTTP does not expect."""
    with receiving() as there:
        webhook_id, _secret = add(database, address=there.address, private=True)
        act(database, commands.ping, SALMA, webhook_id)
        point(database, webhook_id, "gopher://127.0.0.1/secret-path")
        with at_work(courier(database)):
            until(lambda: attempts_of(database) == [1])
            with database.reading() as session:
                (found,) = queries.deliveries(session, webhook_id)
            assert (found.state, found.last_trouble, found.last_status) == ("waiting", "fault", None)
            assert found.next_attempt_at is not None
            point(database, webhook_id, there.address)
            act(database, commands.replay, SALMA, found.id)
            there.wait_for(1)
            until(lambda: states(database) == ["delivered"])
    (told,) = [each.msg for each in caplog.records if isinstance(each.msg, dict) and each.msg["event"] == "fault"]
    assert (told["where"], told["error"], len(told["code"])) == (f"webhook {webhook_id}", "UnsupportedProtocol", 8)
    assert "secret-path" not in str(told)


@pytest.mark.parametrize("where", ["due", "take", "settle"])
def test_a_fault_around_the_queue_stops_deliveries_for_a_moment_alone(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    real, faults = getattr(queue, where), [KeyError("nobody thought of this")]

    def faulty(*words: Any, **how: Any) -> Any:
        if faults:
            raise faults.pop()
        return real(*words, **how)

    monkeypatch.setattr(queue, where, faulty)
    with receiving() as there:
        sell_to(database, there)
        with at_work(courier(database, calm=SOON, lease=timedelta(seconds=0.2))):
            until(lambda: states(database) == ["delivered"])
    told = [each.msg for each in caplog.records if isinstance(each.msg, dict)]
    assert [each["error"] for each in told if each["event"] == "fault"] == ["KeyError"]


def test_four_that_are_slow_keep_no_fifth_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vela.delivering.courier.TURN_SECONDS", 0.1)

    def slowly(handler: Any) -> None:
        time.sleep(0.1)
        answers(204)(handler)

    with receiving() as slow, receiving() as there:
        slow.act = slowly
        for _each in range(4):
            webhook_id, _secret = add(database, address=slow.address, private=True)
            for _event in range(50):
                act(database, commands.ping, SALMA, webhook_id)
        fifth, _secret = add(database, address=there.address, private=True)
        act(database, commands.ping, SALMA, fifth)
        with at_work(courier(database)):
            there.wait_for(1)
            assert states(database).count("waiting") > 100, "not when one of the four was done"


def point(database: Database, webhook_id: int, address: str) -> None:
    """Another address, past everything that looks at what people type."""
    with database.transaction() as session:
        session.get_one(Webhook, webhook_id).address = address


def attempts_of(database: Database) -> list[int]:
    with database.reading() as session:
        return [each.attempts for each in session.scalars(select(Delivery).order_by(Delivery.id))]


@pytest.mark.parametrize("killed", [False, True])
def test_a_new_secret_of_vela_leaves_receivers_theirs(database: Database, settings: Settings, killed: bool) -> None:
    """After `vela secret rotate`, killed half way or not, events are signed with what receivers know."""
    old = settings.secret()
    with receiving() as there:
        words = read(NewWebhook, {"address": there.address, "events": ["month.closed"]}, typed=True)
        webhook, first = act(database, commands.add_webhook, SALMA, Sealer(old), words, private=True)
        _webhook, second = act(database, commands.rotate_secret, SALMA, Sealer(old), webhook.id)
        if killed:
            following = settings.begin_next_secret()
            assert act(database, sealed.reseal, Sealer(following, old), Sealer(following)) == 1
        environment = {"VELA_DATABASE_URL": database.url, "VELA_DATA_DIR": str(settings.data_dir)}
        done = CliRunner().invoke(main, ["secret", "rotate"], env=environment)
        assert done.exit_code == 0, done.output
        assert settings.secret() != old
        act(database, commands.ping, SALMA, webhook.id)
        assert Courier(database, Sealer(old), private=True).deliver() == 0, "the old key opens nothing any more"
        act(database, commands.change_webhook, SALMA, webhook.id, read(WebhookChanges, {"active": True}))
        assert Courier(database, Sealer(settings.secret()), private=True).deliver() == 1
    (came,) = there.came
    assert is_signed(came, first), "the one before signs for a day, too"
    assert is_signed(came, second)
