"""Webhooks: how they are set up, what is signed, and that exactly what happened is written down for them."""

import base64
import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests import make
from tests.domain.books import SALMA, act, change, new_offer, part_id, refused, reprice
from tests.domain.test_at_once import at_once, kinds
from vela import checking
from vela.clock import now
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries as catalog
from vela.domain.catalog.commands import add_component, create_service, remove_component
from vela.domain.catalog.intake import NewComponent, NewService
from vela.domain.catalog.undoing import undo
from vela.domain.ledger import closing
from vela.domain.ledger import queries as ledger
from vela.domain.ledger.commands import clear_samples, record_sale, reinstate_sale, void_sale
from vela.domain.ledger.intake import MonthClosing, NewTransaction
from vela.domain.notifying import commands, queries, schedule, signing
from vela.domain.notifying.intake import NewWebhook, WebhookChanges
from vela.domain.notifying.kinds import CHOSEN
from vela.domain.notifying.models import Delivery, Webhook, WebhookEvent
from vela.domain.notifying.sealed import secrets_of
from vela.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Stopped
from vela.intake import read
from vela.periods import Month
from vela.sealing import Sealer
from vela.shapes.ledger import ClosedMonthShape, TransactionShape
from vela.shapes.offers import OfferMarginShape

SEALER = Sealer(b"a key of tests, long enough for it")
ADDRESS = "https://hooks.example.com/vela?key=1"
EVERYTHING = [kind.value for kind in CHOSEN]


def add(database: Database, events: list[str] | None = None, address: str = ADDRESS, **how: Any) -> tuple[int, str]:
    words = read(NewWebhook, {"address": address, "events": events or EVERYTHING}, typed=True)
    webhook, secret = act(database, commands.add_webhook, SALMA, SEALER, words, **how)
    return webhook.id, secret


def told(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """Everything that was written down to be told, in order: its kind and its data."""
    with database.reading() as session:
        bodies = [json.loads(body) for body in session.scalars(select(WebhookEvent.body).order_by(WebhookEvent.id))]
    return [(body["type"], body["data"]) for body in bodies]


def sell(database: Database, offer: int, month: str = "2026-11", **words: Any) -> int:
    said = {"service_id": offer, "quantity": 2, "month": month} | words
    return act(database, record_sale, SALMA, read(NewTransaction, said)).id


def words_on(month: str, reason: str = "Handed in") -> MonthClosing:
    return read(MonthClosing, {"month": month, "reason": reason})


# ---------- signing


def test_a_signature_is_that_of_the_standard() -> None:
    """The vector of the specification's own libraries."""
    secret, name = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signing.signature(secret, name, 1614265330, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_as_long_as_the_standard_wants_and_never_the_same() -> None:
    made = {signing.fresh_secret() for _each in range(50)}
    assert len(made) == 50
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in made} == {32}
    assert 24 <= signing.SECRET_BYTES <= 64


def test_every_known_secret_signs() -> None:
    one, other = signing.fresh_secret(), signing.fresh_secret()
    said = signing.headers([one, other], "msg_1", 7, "{}")
    assert said["webhook-id"] == "msg_1"
    assert said["webhook-timestamp"] == "7"
    assert said["webhook-signature"].split(" ") == [signing.signature(each, "msg_1", 7, "{}") for each in (one, other)]


def test_the_pauses_are_those_of_the_standard() -> None:
    for step, delay in enumerate(schedule.DELAYS, start=1):
        pauses = {schedule.pause_after(step) for _each in range(20)}
        assert len(pauses) > 1, "what failed together does not come back together"
        assert all(delay * 0.9 <= (pause or timedelta()) <= delay * 1.1 for pause in pauses)
    assert schedule.pause_after(10) is None
    assert schedule.pause_after(1, timedelta(hours=1)) == timedelta(hours=1)
    assert schedule.pause_after(1, timedelta(days=400)) == timedelta(days=1)


# ---------- setting up


def test_a_secret_is_kept_sealed_and_told_once(database: Database) -> None:
    webhook_id, secret = add(database)
    with database.reading() as session:
        webhook = queries.webhook(session, webhook_id)
        assert secret not in str(session.execute(select(*Webhook.__table__.columns)).all())
        assert secrets_of(webhook, SEALER) == [secret]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "webhook")).one()
    assert entry.after == {"address": "https://hooks.example.com/…", "events": EVERYTHING, "active": True}


def test_another_secret_signs_beside_the_old_one_for_a_day(database: Database) -> None:
    webhook_id, first = add(database)
    _webhook, second = act(database, commands.rotate_secret, SALMA, SEALER, webhook_id)
    with database.reading() as session:
        webhook = queries.webhook(session, webhook_id)
        assert secrets_of(webhook, SEALER) == [second, first]
        with time_machine.travel(now() + timedelta(hours=25)):
            assert secrets_of(webhook, SEALER) == [second]


@pytest.mark.parametrize(
    "address",
    ["", "hooks", "https://Ï", "https://bücher.example/", "https://example.com/é", "https://example.com/%zz",
     "https://example.com/{a}", "https:example.com", "ftp://example.com/", "https://",
     "https://salma:secret@example.com/", "https://salma@example.com/",
     "https://example.com/#part", "https://exa mple.com/", "https://example.com\\@127.0.0.1/", "javascript:alert(1)",
     "https://example.com/" + "x" * 1000, "file:///etc/passwd", "//example.com", "https://example.com/a\nb", 7, None],
)  # fmt: skip
def test_what_is_no_address(address: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read(NewWebhook, {"address": address, "events": EVERYTHING}, typed=True)
    assert [issue.field for issue in refusal.value.issues] == ["address"]


@pytest.mark.parametrize(
    "address",
    ["http://example.com/", "https://127.0.0.1/", "https://localhost:8788/", "https://[::1]/", "https://0x7f.1/",
     "https://2130706433/", "https://169.254.169.254/latest", "https://%31%32%37.0.0.1/", "https://nas.local/"],
)  # fmt: skip
def test_an_address_of_nobody_elsewhere_is_refused_unless_that_is_allowed(database: Database, address: str) -> None:
    words = read(NewWebhook, {"address": address, "events": EVERYTHING}, typed=True)
    refusal = refused(Invalid, database, commands.add_webhook, SALMA, SEALER, words)
    assert refusal.issues[0].field == "address"
    webhook_id, _secret = add(database)
    changes = read(WebhookChanges, {"address": address}, typed=True)
    refused(Invalid, database, commands.change_webhook, SALMA, webhook_id, changes)
    assert act(database, commands.change_webhook, SALMA, webhook_id, changes, private=True).version == 2


@pytest.mark.parametrize("events", [[], ["ping"], ["sale"], "transaction.recorded", None, [1], [None]])
def test_what_are_no_events(events: object) -> None:
    with pytest.raises(Invalid):
        read(NewWebhook, {"address": ADDRESS, "events": events}, typed=True)


def test_only_an_admin_sets_webhooks_up(database: Database) -> None:
    webhook_id, _secret = add(database)
    delivery_id = act(database, commands.ping, SALMA, webhook_id).id
    words = read(NewWebhook, {"address": ADDRESS, "events": EVERYTHING}, typed=True)
    viewer = make.viewer()
    refused(Forbidden, database, commands.add_webhook, viewer, SEALER, words)
    refused(Forbidden, database, commands.change_webhook, viewer, webhook_id, read(WebhookChanges, {"active": False}))
    refused(Forbidden, database, commands.rotate_secret, viewer, SEALER, webhook_id)
    refused(Forbidden, database, commands.remove_webhook, viewer, webhook_id)
    refused(Forbidden, database, commands.ping, viewer, webhook_id)
    refused(Forbidden, database, commands.replay, viewer, delivery_id)
    refused(Forbidden, database, commands.replay_given_up, viewer, webhook_id)


def test_all_that_was_given_up_is_sent_again_and_nothing_else(database: Database) -> None:
    webhook_id, _secret = add(database)
    other_id, _secret = add(database, address="https://elsewhere.example.com/")
    offer = new_offer(database)
    for _each in range(3):
        sell(database, offer)
    assert act(database, commands.replay_given_up, SALMA, webhook_id) == 0
    with database.transaction() as session:
        for sent in session.scalars(select(Delivery)):
            sent.next_attempt_at, sent.step, sent.attempts, sent.last_status = None, 10, 10, 500
            sent.given_up_at, sent.delivered_at = (None, now()) if sent.event_id == 2 else (now(), None)
    act(database, commands.change_webhook, SALMA, webhook_id, read(WebhookChanges, {"active": False}))
    assert refused(Conflict, database, commands.replay_given_up, SALMA, webhook_id).code == "webhook_off"
    act(database, commands.change_webhook, SALMA, webhook_id, read(WebhookChanges, {"active": True}))
    with database.reading() as session:
        events = {sent.event_id: sent.state for sent in queries.deliveries(session, webhook_id)}
    assert sorted(events) == [1, 2, 3]
    assert act(database, commands.replay_given_up, SALMA, webhook_id) == 2
    with database.reading() as session:
        mine, others = (queries.deliveries(session, each) for each in (webhook_id, other_id))
        assert [(sent.state, sent.step, sent.attempts) for sent in mine] == [
            ("waiting", 0, 10),
            ("delivered", 10, 10),
            ("waiting", 0, 10),
        ]
        assert [sent.state for sent in others] == ["given_up", "delivered", "given_up"]
        assert [queries.count_given_up(session, each) for each in (webhook_id, other_id)] == [0, 2]
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.action, last.after) == (
            "send again what was given up",
            {"address": "https://hooks.example.com/…", "count": 2},
        )
    assert act(database, commands.replay_given_up, SALMA, webhook_id) == 0
    refused(NotFound, database, commands.replay_given_up, SALMA, 77)


def test_a_webhook_is_removed_while_sales_are_recorded_for_it(database: Database) -> None:
    offer = new_offer(database)
    for _each in range(5):
        webhook_id, _secret = add(database)
        removing = partial(act, database, commands.remove_webhook, SALMA, webhook_id)
        outcomes = at_once([*(partial(sell, database, offer) for _sale in range(5)), removing])
        assert kinds(outcomes) == {"int": 5, "Webhook": 1}
    with database.reading() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_there_are_only_so_many(database: Database) -> None:
    for _each in range(commands.MOST_WEBHOOKS):
        add(database)
    words = read(NewWebhook, {"address": ADDRESS, "events": EVERYTHING}, typed=True)
    assert refused(Conflict, database, commands.add_webhook, SALMA, SEALER, words).code == "too_many"


def test_a_change_that_somebody_else_made_is_not_overwritten(database: Database) -> None:
    webhook_id, _secret = add(database)
    one, other = (read(WebhookChanges, {"events": [kind]}, typed=True) for kind in ("month.closed", "month.reopened"))
    act(database, commands.change_webhook, SALMA, webhook_id, one, version=1)
    assert refused(Stale, database, commands.change_webhook, SALMA, webhook_id, other, version=1).data["version"] == 2
    same = act(database, commands.change_webhook, SALMA, webhook_id, one, version=1)
    assert (same.version, same.kinds) == (2, "month.closed")


def test_what_is_taken_away_is_gone_with_all_that_waits(database: Database) -> None:
    webhook_id, _secret = add(database)
    sell(database, new_offer(database))
    act(database, commands.remove_webhook, SALMA, webhook_id)
    with database.reading() as session:
        assert queries.webhooks(session) == []
        assert session.scalars(select(Delivery)).all() == []
    refused(NotFound, database, commands.ping, SALMA, webhook_id)
    assert checking.check(database) == []
    assert told(database) == [], "an event of nobody is forgotten by the next check"


# ---------- what is told


def test_each_act_is_told_once_with_the_figures_of_the_api(database: Database) -> None:
    offer = new_offer(database)
    add(database)
    sale_id = sell(database, offer, notes="Première")
    act(database, void_sale, SALMA, sale_id)
    act(database, reinstate_sale, SALMA, sale_id)
    closed = act(database, closing.close_month, SALMA, words_on("2026-11"))
    act(database, closing.reopen_month, SALMA, words_on("2026-11", "One was forgotten"))
    kinds, (recorded, voided, restored, month, reopened) = zip(*told(database), strict=True)
    assert kinds == ("transaction.recorded", "transaction.voided", "transaction.restored", "month.closed",
                     "month.reopened")  # fmt: skip
    with database.reading() as session:
        shape = TransactionShape.of(ledger.transaction(session, sale_id), "MAD").model_dump(mode="json")
    assert recorded == restored == shape
    assert (recorded["revenue"], recorded["cost"], recorded["margin"], recorded["month"]) == (
        2000,
        1200,
        800,
        "2026-11",
    )
    assert {name for name in shape if voided[name] != shape[name]} == {"voided_at", "voided_by"}
    assert voided["voided_by"] == "Salma"
    assert month == ClosedMonthShape.of(closed, "MAD").model_dump(mode="json")
    assert reopened == month | {"reopened_by": "Salma", "reopened_because": "One was forgotten"}


def test_a_price_is_told_when_it_moved_and_only_then(database: Database) -> None:
    add(database)
    offer = act(database, create_service, SALMA, read(NewService, {"name": "Atlas"})).id
    part = act(
        database, add_component, SALMA, offer, read(NewComponent, {"name": "HDD", "unit_cost": 0, "unit_sell": 0})
    )
    assert told(database) == []
    reprice(database, part.id, unit_cost="600.5", unit_sell="1000")
    change(database, offer, name="Rif", target_margin_pct=40, list_sell=1)
    reprice(database, part.id, notes="a new one", name="SSD")
    reprice(database, part.id, position=1)
    ((kind, data),) = told(database)
    with database.reading() as session:
        shape = OfferMarginShape.of(catalog.service(session, offer)).model_dump(mode="json")
    assert kind == "service.price_changed"
    assert data["after"] == {name: shape[name] for name in ("cost_price", "sell_price", "margin", "margin_pct")}
    assert data["after"] == {"cost_price": 600.5, "sell_price": 1000, "margin": 399.5, "margin_pct": 39.95}
    assert data["before"] == {"cost_price": 0, "sell_price": 0, "margin": 0, "margin_pct": None}
    assert (data["service_id"], data["service_name"], data["revision"], data["currency"], data["changed_by"]) == (
        offer, "Atlas", 3, "MAD", "Salma",
    )  # fmt: skip
    act(database, undo, SALMA, offer, 3)
    assert told(database)[-1][1]["after"] == data["before"]
    act(database, remove_component, SALMA, part.id)
    assert len(told(database)) == 2, "nothing of no price was taken out"


def test_who_did_not_ask_is_not_told(database: Database) -> None:
    offer = new_offer(database)
    asleep, _secret = add(database)
    act(database, commands.change_webhook, SALMA, asleep, read(WebhookChanges, {"active": False}))
    add(database, ["month.closed"])
    sell(database, offer)
    assert told(database) == []
    mine, _secret = add(database, ["transaction.recorded"])
    other, _secret = add(database, ["transaction.recorded", "month.closed"])
    sell(database, offer)
    with database.reading() as session:
        assert len(told(database)) == 1
        assert sorted(session.scalars(select(Delivery.webhook_id))) == [mine, other]


def test_samples_are_no_sales(database: Database) -> None:
    offer = new_offer(database)
    add(database)
    said = read(NewTransaction, {"service_id": offer, "quantity": 1, "month": "2026-11"})
    act(database, record_sale, SALMA, said, sample=True)
    act(database, clear_samples, SALMA)
    assert told(database) == []


def test_what_was_not_kept_is_not_told(database: Database) -> None:
    offer = new_offer(database)
    add(database)
    said = read(NewTransaction, {"service_id": offer, "quantity": 1, "month": "2026-11"})
    with suppress(LookupError), database.transaction() as session:
        record_sale(session, SALMA, said)
        raise LookupError
    with database.transaction() as session:
        savepoint = session.begin_nested()
        record_sale(session, SALMA, said)
        savepoint.rollback()
    with database.transaction() as session:
        checking.chain.stop(session, "A test stops the books.")
    with pytest.raises(Stopped):
        sell(database, offer)
    assert told(database) == []
    with database.reading() as session:
        assert session.scalars(select(Delivery)).all() == []


def test_the_trail_and_the_outbox_agree(database: Database) -> None:
    """Whatever the trail says of sales and months was told, in that order, and nothing else."""
    add(database)
    one, other = new_offer(database), new_offer(database, "Rif")
    sales = [sell(database, offer, month) for month in ("2026-09", "2026-10") for offer in (one, other)]
    for sale_id in sales[::2]:
        act(database, void_sale, SALMA, sale_id)
    reprice(database, part_id(database, one, "HDD"), unit_sell="1100")
    act(database, closing.close_month, SALMA, words_on("2026-10"))
    refused(
        Conflict,
        database,
        record_sale,
        SALMA,
        read(NewTransaction, {"service_id": one, "quantity": 1, "month": "2026-10"}),
    )
    act(database, reinstate_sale, SALMA, sales[0])
    act(database, closing.reopen_month, SALMA, words_on("2026-10"))
    names = {
        "record sale": "transaction.recorded",
        "void sale": "transaction.voided",
        "reinstate sale": "transaction.restored",
        "close month": "month.closed",
        "reopen month": "month.reopened",
        "reprice": "service.price_changed",
    }
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    expected = [(names[e.action], e.subject_id) for e in entries if e.action in names]
    found = [(kind, data.get("id") or data.get("service_id")) for kind, data in told(database)]
    assert found == expected
    assert len(found) == 10


def test_months_are_closed_as_they_are_told(database: Database) -> None:
    add(database, ["month.closed"])
    sell(database, new_offer(database), "2026-10")
    act(database, closing.close_month, SALMA, words_on("2026-10"))
    ((_kind, data),) = told(database)
    with database.reading() as session:
        stands = closing.as_it_stands(session, Month.parse("2026-10"))
    assert (data["sales"], data["revenue"], data["cost"]) == (stands.sales, stands.revenue, stands.cost)
