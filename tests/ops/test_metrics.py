"""What Prometheus reads: figures that add up, of all processes, and for nobody but those who may."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests import make
from tests.api.conftest import Program, signed_in
from vela import checking
from vela.app import create_app
from vela.backup.making import make as back_up
from vela.clock import now
from vela.db import Database
from vela.domain.notifying import commands, queue
from vela.domain.notifying.intake import NewWebhook
from vela.domain.notifying.queue import Outcome
from vela.intake import read
from vela.settings import Settings

TOKEN = "a-token-for-prometheus"


def figures(app: Flask) -> dict[str, float]:
    answer = Program(app).get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return {
        name: float(value) for name, value in re.findall(r"^(vela_\S+(?: \S+\})?) (\S+)$", answer.text, re.MULTILINE)
    }


def more(after: dict[str, float], before: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


def test_requests_are_counted_by_rule_method_and_status(app: Flask, books: Database) -> None:
    with books.transaction() as session:
        make.user(session, "salma", role="admin")
        offer = make.offer(session)
    salma = signed_in(app, "salma")
    before = figures(app)
    for number in (offer.id, offer.id, 77):
        salma.get(f"/api/services/{number}")
    salma.call("BREW", "/api/services")
    Program(app).get("/wp-admin/secret")
    after = figures(app)
    rule = 'route="/api/services/<service_id>"'
    assert more(after, before, f'vela_requests_total{{method="GET",{rule},status="200"}}') == 2
    assert more(after, before, f'vela_requests_total{{method="GET",{rule},status="404"}}') == 1
    assert more(after, before, 'vela_requests_total{method="GET",route="(none)",status="404"}') == 1
    assert more(after, before, f"vela_request_duration_seconds_count{{{rule}}}") == 3
    assert after[f"vela_request_duration_seconds_sum{{{rule}}}"] > 0
    assert 'method="BREW"' not in str(after)
    assert "wp-admin" not in str(after)


def test_commits_conflicts_and_refused_sign_ins_are_counted(app: Flask, books: Database) -> None:
    with books.transaction() as session:
        make.user(session, "salma", role="admin")
        make.offer(session, "Atlas")
    salma = signed_in(app, "salma")
    before = figures(app)
    assert salma.post("/api/services", {"name": "Rif", "components": []}).status_code == 201
    middle = figures(app)
    assert more(middle, before, "vela_commits_total") == 1
    assert salma.post("/api/services", {"name": "Atlas", "components": []}).status_code == 409
    assert Program(app).log_in("salma", "not the password").status_code == 401
    after = figures(app)
    conflicts = {name for name in after if name.startswith("vela_conflicts_total") and more(after, middle, name) == 1}
    assert len(conflicts) == 1
    assert more(after, middle, 'vela_refused_sign_ins_total{reason="wrong_credentials"}') == 1


def test_how_the_books_stand_is_told(app: Flask, books: Database) -> None:
    before = figures(app)
    assert "vela_check_ok" not in before
    assert (before["vela_database_up"], before["vela_read_only"]) == (1, 0)
    assert before["vela_disk_free_bytes"] > 0
    assert "vela_backup_age_seconds" not in before
    checking.check(books)
    back_up(app.extensions["vela"].settings)
    after = figures(app)
    assert 0 <= after["vela_backup_age_seconds"] < 60
    assert after["vela_check_ok"] == 1
    assert 0 <= after["vela_check_age_seconds"] < 60


def test_a_database_that_is_away_is_told(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = {"VELA_DATA_DIR": str(tmp_path_factory.mktemp("away")),
            "VELA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}  # fmt: skip
    found = figures(create_app(Settings.from_environment(away)))
    assert found["vela_database_up"] == 0
    assert "vela_read_only" not in found


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"]
)
def test_what_a_proxy_passes_on_is_not_answered(app: Flask, header: str) -> None:
    passed = Program(app).call("GET", "/metrics", {header: "127.0.0.1"})
    assert passed.status_code == 404
    assert "There is no such page." in passed.text


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "2001:db8::1"])
def test_other_machines_are_not_answered(app: Flask, peer: str) -> None:
    assert Program(app).get("/metrics", environ_base={"REMOTE_ADDR": peer}).status_code == 404


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_is_answered(app: Flask, peer: str) -> None:
    assert Program(app).get("/metrics", environ_base={"REMOTE_ADDR": peer}).status_code == 200


def test_behind_a_proxy_the_connection_counts_and_not_what_is_said_about_it(settings: Settings) -> None:
    told = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url}
    app = create_app(Settings.from_environment(told | {"VELA_TRUSTED_PROXIES": "1"}))
    assert Program(app).get("/metrics").status_code == 200
    for said in ({"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"}):
        assert Program(app).call("GET", "/metrics", said, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    app.extensions["vela"].database.close()


def test_with_a_token_only_the_token_opens(settings: Settings) -> None:
    told = {"VELA_DATA_DIR": str(settings.data_dir), "VELA_DATABASE_URL": settings.database_url}
    app = create_app(Settings.from_environment(told | {"VELA_METRICS_TOKEN": TOKEN}))
    wrong = ("", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer é")
    for said in wrong:
        assert Program(app).call("GET", "/metrics", {"Authorization": said}).status_code == 404
    far = {"REMOTE_ADDR": "192.0.2.7"}
    answer = Program(app).call("GET", "/metrics", {"Authorization": f"Bearer {TOKEN}"}, environ_base=far)
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    app.extensions["vela"].database.close()


def test_how_it_stands_with_webhooks_is_told(app: Flask, books: Database) -> None:
    sealer = app.extensions["vela"].sealer
    before = figures(app)
    assert [before[f"vela_webhook_{each}"] for each in ("waiting", "oldest_seconds", "given_up")] == [0, 0, 0]
    with books.transaction() as session:
        words = read(NewWebhook, {"address": "https://example.com/", "events": ["month.closed"]}, typed=True)
        webhook, _secret = commands.add_webhook(session, make.admin(), sealer, words)
        commands.ping(session, make.admin(), webhook.id)
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        with books.transaction() as session:
            parcel = queue.take(session, sealer, webhook.id)
            assert parcel is not None
            queue.settle(session, parcel, Outcome(500))
        failing = figures(app)
        assert (failing["vela_webhook_waiting"], failing["vela_webhook_failing_seconds"]) == (1, 0)
        assert 7200 <= failing["vela_webhook_oldest_seconds"] < 7300
    with time_machine.travel(now() + timedelta(hours=4), tick=False):
        assert 7000 < figures(app)["vela_webhook_failing_seconds"] < 7300
        assert Program(app).get("/health/ready").json["reasons"] == ["never_checked", "webhook_failing"]
        with books.transaction() as session:
            parcel = queue.take(session, sealer, webhook.id)
            assert parcel is not None
            queue.settle(session, parcel, Outcome(410))
        gone = figures(app)
        assert Program(app).get("/health/ready").json["reasons"] == ["never_checked", "webhook_off"]
    assert (gone["vela_webhook_waiting"], gone["vela_webhook_given_up"], gone["vela_webhooks_off"]) == (0, 1, 1)
    assert gone["vela_webhook_failing_seconds"] == 0
