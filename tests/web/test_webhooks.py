"""Webhooks in the browser: set up, changed, looked at, sent again, and by admins alone."""

import html
import re
from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import make
from tests.delivering.receiver import answers, receiving
from tests.web.conftest import fresh_key, htmx, partials, submit
from vela.clock import now
from vela.db import Database
from vela.delivering.courier import Courier
from vela.domain.notifying import commands, outbox
from vela.domain.notifying.intake import WebhookChanges
from vela.domain.notifying.kinds import Kind
from vela.domain.notifying.models import Delivery, Webhook
from vela.intake import read

ROOT = Path(__file__).resolve().parent.parent.parent

ADDRESS = "https://hooks.example.com/vela"
PAGE = "/settings/webhooks"


def test_from_the_form_to_an_event_sent_again(app: Flask, admin: FlaskClient, database: Database) -> None:
    made = submit(admin, PAGE, {"address": ADDRESS, "events": ["month.closed", "transaction.recorded"]})
    assert made.status_code == 201
    secret = re.search(r"whsec_[^<]+", made.text)
    assert secret
    assert ADDRESS in admin.get(PAGE).text
    assert secret[0] not in admin.get(f"{PAGE}/1").text
    assert submit(admin, f"{PAGE}/1/ping").location == f"{PAGE}/1"
    with receiving() as there:
        there.act = answers(500, "<script>alert(1)</script>")
        with database.transaction() as session:
            session.get_one(Webhook, 1).address = there.address
        courier = Courier(database, app.extensions["vela"].sealer, private=True)
        courier.deliver()
        page = admin.get(f"{PAGE}/1").text
        assert "&lt;script&gt;alert(1)" in page
        assert "1 attempt" in page
        assert "Waiting" in page
        there.act = answers(204)
        assert submit(admin, "/settings/deliveries/1/again").status_code == 303
        courier.deliver()
    assert "Delivered" in admin.get(f"{PAGE}/1").text
    assert there.came[0].name == there.came[1].name
    submit(admin, f"{PAGE}/1/active", {"active": "false"})
    assert "Turn on" in admin.get(f"{PAGE}/1").text
    assert submit(admin, "/settings/deliveries/1/again").status_code == 409
    rotated = submit(admin, f"{PAGE}/1/secret")
    assert "whsec_" in rotated.text
    assert secret[0] not in rotated.text
    assert submit(admin, f"{PAGE}/1/remove").location == PAGE
    assert admin.get(f"{PAGE}/1").status_code == 404
    told = admin.get("/settings/trail?subject=webhook").text
    assert "removed webhook" in told
    assert "sent an event to webhook" in told


def test_a_bad_form_comes_back_as_it_was(admin: FlaskClient) -> None:
    page = submit(admin, PAGE, {"address": "https://127.0.0.1/", "events": ["month.closed"]})
    assert page.status_code == 422
    assert "no address of the public internet" in page.text
    assert 'value="https://127.0.0.1/"' in page.text
    assert "Choose at least one event" in submit(admin, PAGE, {"address": ADDRESS}).text


def test_a_viewer_is_refused(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.webhook(session)
    for path in ("/1", "/1/deliveries"):
        assert viewer.get(PAGE + path).status_code == 403
    for path in ("/1", "/1/active", "/1/secret", "/1/ping", "/1/again", "/1/remove"):
        refused = submit(viewer, PAGE + path)
        assert refused.status_code == 403, path
        assert "example.com" not in refused.text
    assert viewer.get(PAGE).status_code == 403
    assert submit(viewer, PAGE, {"address": ADDRESS, "events": ["month.closed"]}).status_code == 403


# ---------- without reloading the page


def add(admin: FlaskClient, **said: object) -> str:
    """A webhook, added as htmx does; its secret."""
    words = {"address": ADDRESS, "events": ["month.closed", "transaction.recorded"]} | said
    made = htmx(admin, "POST", PAGE, words, source="form#webhook-new", page=PAGE)
    assert made.status_code == 201, made.text
    (secret,) = re.findall(r"whsec_[^<]+", made.text)
    return secret


def version_of(database: Database) -> int:
    with database.reading() as session:
        return session.get_one(Webhook, 1).version


def test_a_new_webhook_comes_with_its_secret_once(admin: FlaskClient, database: Database) -> None:
    key = fresh_key()
    words = key | {"address": ADDRESS, "events": ["month.closed"]}
    made = htmx(admin, "POST", PAGE, words, source="form#webhook-new")
    told = partials(made)
    assert 'data-copy="secret"' in told["webhook-fresh"]
    assert ADDRESS in told["webhook-rows"]
    assert ADDRESS not in told["webhook-new-fields"]
    again = htmx(admin, "POST", PAGE, words, source="form#webhook-new")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "whsec_" not in again.text
    assert "that was done already" in admin.get(f"{PAGE}/1").text.lower()
    with database.reading() as session:
        assert session.scalars(select(Webhook.id)).all() == [1]


def test_complaints_stand_at_their_fields(admin: FlaskClient) -> None:
    refused = htmx(admin, "POST", PAGE, {"address": "nowhere"}, source="form#webhook-new")
    assert refused.status_code == 422
    told = partials(refused)
    assert "Enter an address" in told["webhook-new-address-error"]
    assert "Choose at least one event" in told["webhook-new-events-error"]
    add(admin)
    refused = htmx(admin, "POST", f"{PAGE}/1", {"address": "http://example.com"}, source="form#webhook")
    assert refused.status_code == 422
    refused = htmx(
        admin, "POST", f"{PAGE}/1", {"address": "http://example.com", "events": "ping"}, source="form#webhook"
    )
    assert "There is no such event" in partials(refused)["webhook-events-error"]
    words = {"address": "http://example.com", "events": ["month.closed"]}
    assert (
        "Use https" in partials(htmx(admin, "POST", f"{PAGE}/1", words, source="form#webhook"))["webhook-address-error"]
    )
    page = submit(admin, f"{PAGE}/1", words)
    assert page.status_code == 422
    assert 'value="http://example.com"' in page.text
    assert "Use https" in page.text


def test_a_change_is_told_and_can_be_undone(admin: FlaskClient, database: Database) -> None:
    add(admin)
    words = {"address": "https://other.example/x", "events": ["service.price_changed"], "version": "1"}
    told = partials(htmx(admin, "POST", f"{PAGE}/1", words, source="form#webhook"))
    assert "https://other.example/x" in told["webhook-head"]
    assert "Price changed" in told["webhook-head"]
    assert 'value="2"' in told["webhook-version"]
    toast = told["toasts"]
    assert "data-undo" in toast
    undo = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', toast))
    assert undo == {"address": ADDRESS, "events": "transaction.recorded month.closed", "version": "2"}
    assert htmx(admin, "POST", f"{PAGE}/1", undo).status_code == 200
    with database.reading() as session:
        webhook = session.get_one(Webhook, 1)
        assert (webhook.address, webhook.kinds) == (ADDRESS, "transaction.recorded month.closed")
    same = htmx(admin, "POST", f"{PAGE}/1", undo | {"version": "3"})
    assert "Nothing was changed" in same.text
    assert "data-undo" not in same.text
    assert submit(admin, f"{PAGE}/1", words | {"version": "3"}).location == f"{PAGE}/1"
    assert "https://other.example/x" in admin.get(f"{PAGE}/1").text


def test_the_second_of_two_people_is_told(admin: FlaskClient, database: Database) -> None:
    """Also where the address differs in what the trail does not show."""
    add(admin)
    for theirs in ({"address": f"{ADDRESS}/theirs"}, {"events": ["month.reopened"]}):
        seen = version_of(database)
        with database.transaction() as session:
            words = read(WebhookChanges, theirs, typed=True)
            commands.change_webhook(session, make.admin(), 1, words)
        mine = {"address": f"{ADDRESS}/mine", "events": ["month.closed"], "version": str(seen)}
        refused = htmx(admin, "POST", f"{PAGE}/1", mine, source="form#webhook")
        assert refused.status_code == 409, theirs
        told = partials(refused)
        if "address" in theirs:
            assert f'data-keep="{ADDRESS}/theirs"' in told["webhook-address-error"]
        else:
            assert "changed this to Month reopened meanwhile" in told["webhook-events-error"]
            assert f'value="{seen + 1}"' in told["webhook-version"]
        page = submit(admin, f"{PAGE}/1", mine)
        assert page.status_code == 409
        assert f'value="{ADDRESS}/mine"' in page.text
        assert "meanwhile. Save to have yours." in page.text
    told = admin.get("/settings/trail?subject=webhook").text
    assert "https://hooks.example.com/…, another than before" in told


def test_turning_off_and_on_can_be_undone(admin: FlaskClient, database: Database) -> None:
    add(admin)
    told = partials(htmx(admin, "POST", f"{PAGE}/1/active", {"active": "false"}, source="form#webhook-off"))
    assert "Turn on" in told["webhook-state"]
    assert 'name="active" value="true"' in told["toasts"]
    told = partials(htmx(admin, "POST", f"{PAGE}/1/active", {"active": "true"}))
    assert "Send a ping" in told["webhook-state"]
    with database.transaction() as session:
        session.get_one(Webhook, 1).off = "gone"
    page = admin.get(f"{PAGE}/1").text
    assert "Leave it off" in page
    assert "1 webhook fails" in page
    assert "1 webhook fails" in admin.get("/").text
    told = partials(htmx(admin, "POST", f"{PAGE}/1/active", {"active": "false"}))
    assert "Leave it off" not in told["webhook-state"]
    assert "data-undo" not in told["toasts"], "it was off before"
    assert "1 webhook fails" not in admin.get("/").text


def test_a_ping_shows_at_once_and_what_became_of_it_later(app: Flask, admin: FlaskClient, database: Database) -> None:
    add(admin)
    rotated = htmx(admin, "POST", f"{PAGE}/1/secret", source="form#webhook-rotate")
    assert 'data-copy="secret"' in partials(rotated)["webhook-fresh"]
    assert "the one before signs, too" in partials(rotated)["webhook-both"]
    told = partials(htmx(admin, "POST", f"{PAGE}/1/ping", {"after": ""}, source="form#webhook-ping"))
    assert 'id="delivery-1"' in told["delivery-rows"]
    assert "deliveries?left=12" in told["webhook-watch"]
    with receiving() as there:
        there.act = answers(307, "<b>moved</b>", Location="https://elsewhere.example")
        with database.transaction() as session:
            session.get_one(Webhook, 1).address = there.address
        Courier(database, app.extensions["vela"].sealer, private=True).deliver()
    news = partials(htmx(admin, "GET", f"{PAGE}/1/deliveries?left=2&after=1"))
    assert "answered 307" in news["delivery-1-state"]
    assert "enter the address at which it ends" in news["delivery-1-state"]
    assert "&lt;b&gt;moved" in news["delivery-1-answer"]
    assert news["delivery-rows"] == ""
    assert "left=1" in news["webhook-watch"]
    assert "hx-get" not in partials(htmx(admin, "GET", f"{PAGE}/1/deliveries?left=1&after=1"))["webhook-watch"]
    assert 'id="delivery-1"' in partials(htmx(admin, "GET", f"{PAGE}/1/deliveries"))["delivery-rows"]
    assert admin.get(f"{PAGE}/1/deliveries").location == f"{PAGE}/1"
    again = partials(
        htmx(admin, "POST", "/settings/deliveries/1/again", {"after": "1"}, source="form#delivery-1-again")
    )
    assert "Waiting" in again["delivery-1-state"]
    assert "on its way again" in again["toasts"]
    removed = htmx(admin, "POST", f"{PAGE}/1/remove", source="form#webhook-remove")
    assert removed.headers["HX-Redirect"] == PAGE


def test_many_deliveries_come_page_by_page(admin: FlaskClient, database: Database) -> None:
    add(admin)
    with database.transaction() as session:
        outbox.write(session, Kind.CLOSED, ({"month": str(number)} for number in range(120)), [1])
    path, seen, page = f"{PAGE}/1", list[int](), ""
    while path:
        page = admin.get(path).text
        seen += [int(each) for each in re.findall(r'<li id="delivery-(\d+)"', page)]
        assert "120 deliveries" in page
        older = re.search(r'href="([^"]*\?before=\d+)#h-sent"', page)
        path = older[1] if older else ""
    assert seen == list(range(120, 0, -1))
    assert "120 events that wait are not sent any more" in page
    assert admin.get(f"{PAGE}/1?before=soon").status_code == 422


def test_an_older_page_follows_its_own_rows_and_shows_no_newer_one(admin: FlaskClient, database: Database) -> None:
    add(admin)
    with database.transaction() as session:
        outbox.write(session, Kind.CLOSED, ({"month": str(number)} for number in range(120)), [1])
        for delivery in session.scalars(select(Delivery)):
            delivery.next_attempt_at, delivery.given_up_at = None, now()
    page = admin.get(f"{PAGE}/1?before=71").text
    place = said_by(page, "webhook-place")
    assert place == {"before": "71"}
    for form in ("delivery-21-again", "webhook-ping"):
        assert 'hx-include="#webhook-place"' in re.findall(f'<form id="{form}"[^>]*>', page)[0]
    told = partials(htmx(admin, "POST", "/settings/deliveries/21/again", place, source="form#delivery-21-again"))
    assert [name for name in told if name.endswith("-state")] == [
        *(f"delivery-{number}-state" for number in range(70, 20, -1)),
        "webhook-state",
    ]
    assert ["Waiting" in told[f"delivery-{number}-state"] for number in (22, 21)] == [False, True]
    assert told["delivery-rows"] == ""
    assert "1 event waits" in told["webhook-state"]
    assert "on its way again" in told["toasts"]
    pinged = partials(htmx(admin, "POST", f"{PAGE}/1/ping", place, source="form#webhook-ping"))
    assert pinged["delivery-rows"] == ""
    assert "2 events wait" in pinged["webhook-state"]
    with database.transaction() as session:
        session.get_one(Delivery, 21).next_attempt_at = None
        session.get_one(Delivery, 21).delivered_at = now()
    news = partials(htmx(admin, "GET", f"{PAGE}/1/deliveries?left=9&before=71"))
    assert "Delivered" in news["delivery-21-state"]
    assert news["delivery-rows"] == ""
    assert 'name="before" value="71"' in news["webhook-watch"]
    assert said_by(admin.get(f"{PAGE}/1").text, "webhook-place") == {"after": "121"}


def test_all_that_was_given_up_is_sent_again(admin: FlaskClient, database: Database) -> None:
    add(admin)
    with database.transaction() as session:
        outbox.write(session, Kind.CLOSED, ({"month": str(number)} for number in range(3)), [1])
        for delivery in session.scalars(select(Delivery)):
            delivery.next_attempt_at, delivery.given_up_at = None, now()
    page = admin.get(f"{PAGE}/1").text
    assert "3 events were given up." in page
    place = said_by(page, "webhook-place")
    told = partials(htmx(admin, "POST", f"{PAGE}/1/again", place, source="form#webhook-again"))
    assert "3 events are on their way again." in told["toasts"]
    assert all("Waiting" in told[f"delivery-{number}-state"] for number in (1, 2, 3))
    assert "webhook-again" not in told["webhook-state"], "nothing is left to send again"
    assert "hx-get" in told["webhook-watch"]
    late = partials(htmx(admin, "POST", f"{PAGE}/1/again", place, source="form#webhook-ping"))
    assert "none was given up" in late["toasts"]
    assert "sent every event again that webhook" in admin.get("/settings/trail?subject=webhook").text


def said_by(page: str, element: str) -> dict[str, str]:
    """What a hidden input sends along."""
    return dict(re.findall(f'<input type="hidden" id="{element}" name="([a-z]+)" value="([^"]*)">', page))


def test_what_is_shown_teaches_what_the_documentation_says(admin: FlaskClient) -> None:
    documented = re.search(r"```python\n(import base64.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    assert documented
    add(admin)
    for path in (PAGE, f"{PAGE}/1"):
        assert documented[1] in html.unescape(admin.get(path).text), path


def test_the_password_is_asked_for_by_what_it_is_for(admin: FlaskClient) -> None:
    add(admin)
    with time_machine.travel(now() + timedelta(minutes=20)):
        for path, words, told in (
            ("", {"address": "https://x.example/secret-path"}, "You are about to have events sent to x.example."),
            ("/1", {"address": ADDRESS}, "You are about to change a webhook"),
            ("/1/active", {"active": "false"}, "You are about to turn a webhook on or off."),
            ("/1/secret", {}, "You are about to give a webhook another secret."),
            ("/1/remove", {}, "You are about to remove a webhook"),
        ):
            page = submit(admin, PAGE + path, words)
            assert page.status_code == 403
            assert told in page.text
            asked = htmx(admin, "POST", PAGE + path, words, source="form#webhook-x")
            assert asked.status_code == 403
            assert told in partials(asked)["confirm"]
