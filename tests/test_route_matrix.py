"""Every address that there is, with every method, as everybody: taken from the map of addresses, so none is left out.

The rule is: whoever is signed in may look, and only an admin may change. What differs is written down here by the name
of its view; a view that is new and open to more people than the rule says fails until it is either guarded or listed.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests import make
from tests.domain.books import everything
from tests.web.conftest import csrf, sign_in
from vela.app import create_app
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.idempotency.keys import FIELD
from vela.domain.notifying.commands import add_webhook, ping
from vela.domain.notifying.intake import NewWebhook
from vela.domain.people.access import Act
from vela.domain.people.intake import NewToken
from vela.domain.people.models import User
from vela.domain.people.signins import create_token, end_token
from vela.errors import Forbidden, Unauthenticated
from vela.intake import read
from vela.mcp.door import Door
from vela.mcp.tools import TOOLS
from vela.mcp.who import HolderOfToken
from vela.sealing import Sealer
from vela.settings import Settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
LOOKING = ("GET", "HEAD")

OPEN = {
    "static", "web.together", "web.sign_in", "web.sign_in_submit", "web.second_step", "web.second_step_submit",
    "api.log_in", "api.description", "api.documentation", "health.get_health", "health.get_live", "health.get_ready",
    "ops.metrics",
}  # fmt: skip
FOR_ADMINS_TO_LOOK_AT = {
    "web.settings", "web.tokens_of_user", "web.state_of_books", "web.history_of_all", "web.new_offer",
    "web.history_of_all_file", "web.import_offers", "web.preview_offers",
    "web.ask_to_clear_samples", "web.ask_to_close_month", "web.ask_to_reopen_month", "api.list_changes",
    "api.export_changes",
    "web.webhooks", "web.webhook", "web.webhook_deliveries",
    "api.list_webhooks", "api.get_webhook", "api.list_deliveries",
    "api.list_users", "api.get_user", "api.list_tokens_of_user", "api.preview_offers",
}  # fmt: skip
# What somebody does with what is theirs alone, and what only supposes.
FOR_EVERYBODY_TO_DO = {
    "web.sign_out", "api.log_out", "web.change_password", "web.choose_preferences", "web.confirm", "web.create_token",
    "web.revoke_token",
    "web.begin_second_factor", "web.confirm_second_factor", "web.make_recovery_codes", "web.turn_off_second_factor",
    "web.end_sign_in", "web.end_other_sign_ins", "web.what_if",
    "web.approve_proposal", "web.decline_proposal", "api.approve_proposal", "api.decline_proposal",
    "api.create_token", "api.revoke_token", "api.change_password", "api.end_sign_in", "api.end_other_sign_ins",
    "api.choose_preferences",
    "api.begin_second_factor", "api.confirm_second_factor", "api.make_recovery_codes", "api.turn_off_second_factor",
}  # fmt: skip
FOR_SELLERS_TO_DO = {
    "api.propose_add_transaction", "api.dry_run_add_transaction",
    "web.record", "web.bring_sales", "web.record_imported",
    "api.record_sale", "api.bring_sales", "api.confirm_sales",
}  # fmt: skip
FOR_SELLERS_TO_LOOK_AT = {"web.import_sales", "web.preview_sales", "api.preview_sales"}

SIGNS_OUT = {"web.sign_out", "api.log_out", "web.end_other_sign_ins", "api.end_other_sign_ins"}
IN = {"viewer", "looker", "admin"}
SEALER = Sealer(b"a key of tests, long enough for it")
NOT_COMPARED = {"sign_ins", "failed_tries"}


def may(who: str, endpoint: str, method: str) -> bool:
    """Whether the rule, and its exceptions, let `who` in."""
    looks = method in LOOKING
    if endpoint in OPEN:
        return True
    if who not in IN:
        return False
    if who == "admin" or endpoint in FOR_EVERYBODY_TO_DO:
        return True
    if endpoint in FOR_SELLERS_TO_DO | FOR_SELLERS_TO_LOOK_AT:
        return who == "viewer"
    return looks and endpoint not in FOR_ADMINS_TO_LOOK_AT


@dataclass
class Town:
    """An application with something of everything in it, and the people who come to it."""

    app: Flask
    database: Database
    ids: dict[str, object]

    def calls(self) -> Iterator[tuple[str, str, str]]:
        """Each method and path, with real ids, and the view that answers it; "" where there is none."""
        paths = sorted({self._filled(rule.rule) for rule in self.app.url_map.iter_rules()})
        adapter = self.app.url_map.bind("localhost")
        for path in paths:
            for method in METHODS:
                try:
                    endpoint, _arguments = adapter.match(path, method=method)
                except HTTPException:
                    endpoint = ""
                yield method, path, endpoint

    def _filled(self, rule: str) -> str:
        for name, value in self.ids.items():
            for kind in ("", "int:", "path:"):
                rule = rule.replace(f"<{kind}{name}>", str(value))
        assert "<" not in rule, f"the matrix knows no real value for {rule}"
        return rule

    def kept(self) -> dict[str, Any]:
        """All that is in the books but what every visit writes."""
        rows = everything(self.database)
        for name in NOT_COMPARED:
            del rows[name]
        rows["personal_tokens"] = [row[:6] for row in rows["personal_tokens"]]  # when one was last used does not count
        return rows


class Visitor:
    """Somebody who sends what a browser or a program would, their own tokens included."""

    def __init__(self, town: Town, who: str, token: str | None = None) -> None:
        self.town, self.who, self.given = town, who, token
        self.client: FlaskClient = town.app.test_client()
        self.bearer = ""
        self.enter()

    def enter(self) -> None:
        self.token = csrf(self.client) if self.given is None else self.given
        if self.who not in IN:
            return
        self.client = sign_in(self.town.app, self.who)
        self.token = csrf(self.client) if self.given is None else self.given
        answer = self.town.app.test_client().post(
            "/api/auth/login", json={"username": self.who, "password": make.PASSWORD}
        )
        self.bearer = answer.get_json()["token"]

    def send(self, method: str, path: str) -> TestResponse:
        if path.startswith("/api"):
            bearer = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
            sent: dict[str, Any] = {} if method in LOOKING else {"json": {}}
            return self.town.app.test_client().open(path, method=method, headers=bearer, **sent)
        if method in LOOKING:
            return self.client.open(path, method=method)
        form = {"csrf_token": self.token, FIELD: str(uuid.uuid4())}
        return self.client.open(path, method=method, data=form)


@pytest.fixture
def town(empty_file: Path, tmp_path: Path) -> Iterator[Town]:
    (tmp_path / "vela.db").write_bytes(empty_file.read_bytes())
    app = create_app(Settings.from_environment({"VELA_DATA_DIR": str(tmp_path)}))
    database: Database = app.extensions["vela"].database
    yield Town(app, database, furnish(database))
    database.close()


def furnish(database: Database) -> dict[str, object]:
    """Something of everything; the ids by the names that addresses have for them."""
    with database.transaction() as session:
        for name, words in (
            ("admin", {"role": "admin"}),
            ("viewer", {}),
            ("looker", {"may_record_sales": False}),
            ("other", {}),
        ):
            user = make.user(session, name, **words)
        token, _secret = create_token(session, make.admin(), user, read(NewToken, {"name": "script", "scope": "admin"}))
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
        part = make.component(session, offer)
        sale = make.sale(session, offer)
        waits = make.proposal(session, user, "add_transaction", service_id=offer.id, month="2026-11")
        found: dict[str, object] = {
            "service_id": offer.id,
            "component_id": part.id,
            "transaction_id": sale.id,
            "expense_id": 1,
            "proposal_id": waits.id,
        }
        found |= {"offer_id": offer.id, "sale_id": sale.id, "user_id": user.id, "token_id": token.id, "number": 2}
        words = read(NewWebhook, {"address": "https://example.com/", "events": ["month.closed"]}, typed=True)
        webhook, _secret = add_webhook(session, make.admin(), SEALER, words)
        found |= {"webhook_id": webhook.id, "delivery_id": ping(session, make.admin(), webhook.id).id}
        found |= {"ended_id": 2**31 - 1, "sign_in_id": 2**31 - 1}
    return found | {
        "file_id": 1,
        "month": "2026-10",
        "filename": "tokens.css",
        "names": "grid",
    }


def unexpected(town: Town, visitor: Visitor, methods: tuple[str, ...] = METHODS) -> list[str]:
    """Each call whose answer is not what the rule says, with that answer."""
    found = list[str]()
    for method, path, endpoint in town.calls():
        if method not in methods:
            continue
        answer = visitor.send(method, path)
        if endpoint in SIGNS_OUT and method in ("POST", "DELETE"):
            visitor.enter()
        if not fits(visitor, method, path, endpoint, answer):
            found.append(f"{visitor.who}: {method} {path} ({endpoint or 'nothing'}): {answer.status}")
        answer.close()
    return found


def fits(visitor: Visitor, method: str, path: str, endpoint: str, answer: TestResponse) -> bool:
    if answer.status_code >= 500 and not (path == "/health/ready" and answer.status_code == 503):
        return False
    if not endpoint:
        return answer.status_code in (404, 405)
    if method == "OPTIONS":
        return answer.status_code in (200, 204) or is_sent_away(path, answer)
    if not may(visitor.who, endpoint, method):
        return answer.status_code == 403 if visitor.who in IN else is_sent_away(path, answer)
    if endpoint in OPEN:
        return True
    return answer.status_code not in (401, 403, 405) and (path == "/logout" or not is_sent_away(path, answer))


def is_sent_away(path: str, answer: TestResponse) -> bool:
    """Whether somebody who is not signed in is told to sign in."""
    if path.startswith("/api"):
        return answer.status_code == 401
    return answer.status_code == 303 and answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("who", ["stranger", "viewer", "looker"])
def test_who_may_not_change_changes_nothing(town: Town, who: str) -> None:
    visitor, before = Visitor(town, who), town.kept()
    assert unexpected(town, visitor) == []
    changed = {name for name, rows in town.kept().items() if rows != before[name]}
    # One's own sign-ins were ended, keys chosen, and a second factor begun, which counts for nothing.
    assert changed <= ({"second_factors", "users", "audit_entries", "audit_head"} if who in IN else set[str]())
    with town.database.reading() as session:
        mine = select(AuditEntry.action).where(AuditEntry.username == who)
        assert set(session.scalars(mine)) <= {"end sign-ins", "choose preferences"}


def test_an_ended_sign_in_is_a_stranger(town: Town) -> None:
    visitor = Visitor(town, "admin")
    cookie = visitor.client.get_cookie("token")
    assert cookie
    visitor.client.post("/logout", data={"csrf_token": csrf(visitor.client, "/")})
    bearer = {"Authorization": f"Bearer {visitor.bearer}"}
    town.app.test_client().post("/api/auth/logout", headers=bearer)
    visitor.client.set_cookie("token", cookie.value)
    visitor.who = "ended"
    before = town.kept()
    assert unexpected(town, visitor) == []
    assert town.kept() == before


def test_an_admin_looks_at_everything_and_changes_nothing_by_it(town: Town) -> None:
    visitor, before = Visitor(town, "admin"), town.kept()
    assert unexpected(town, visitor, ("GET", "HEAD", "OPTIONS", "TRACE")) == []
    assert town.kept() == before


def test_an_admin_is_let_in_everywhere(town: Town) -> None:
    assert unexpected(town, Visitor(town, "admin"), ("POST", "PUT", "PATCH", "DELETE")) == []


@pytest.mark.parametrize("token", ["", "nonsense", "another session's"])
def test_no_form_is_taken_without_the_token_of_its_own_session(town: Town, token: str) -> None:
    other = csrf(town.app.test_client()) if token == "another session's" else token
    visitor, before = Visitor(town, "admin", other), town.kept()
    answers = {
        f"{method} {path}": visitor.send(method, path).status_code
        for method, path, endpoint in town.calls()
        if endpoint.startswith("web.") and method in ("POST", "PUT", "PATCH", "DELETE")
    }
    assert len(answers) > 40
    assert answers == dict.fromkeys(answers, 400)
    assert town.kept() == before


def leak(**_ids: object) -> Response:
    return Response("the books")


@pytest.mark.parametrize("rule", ["/leak", "/api/leak", "/offers/<int:offer_id>/leak"])
def test_a_new_view_without_a_guard_is_found(town: Town, rule: str) -> None:
    town.app.add_url_rule(rule, "leak", leak, methods=["GET", "POST"])
    path = rule.replace("<int:offer_id>", str(town.ids["offer_id"]))
    for who, method in (("stranger", "GET"), ("stranger", "POST"), ("viewer", "POST")):
        found = unexpected(town, Visitor(town, who), (method,))
        assert f"{who}: {method} {path} (leak): 200 OK" in found


def test_the_exceptions_are_views_that_there_are(town: Town) -> None:
    named = OPEN | FOR_ADMINS_TO_LOOK_AT | FOR_EVERYBODY_TO_DO | FOR_SELLERS_TO_DO | FOR_SELLERS_TO_LOOK_AT
    assert named - set(town.app.view_functions) == set()


# ---------- tokens that reach only so far

ALWAYS = {"audit_entries", "audit_head", "kept_answers"}
MOVED_BY = {
    "read": set[str](),
    "propose": ALWAYS | {"proposals"},
    "write": ALWAYS | {"proposals", "components", "services", "revisions", "revision_lines", "transactions",
                       "month_sums", "operating_expenses"},
}  # fmt: skip
ANSWERED_ANYWAY = {"log_in", "log_out"}


def operations(town: Town) -> Iterator[tuple[str, str, str, Any]]:
    """Each call that changes something, as the document of the API shows it: its name, method, path and example."""
    document = town.app.test_client().get("/api/openapi.json").get_json()
    for template, methods in document["paths"].items():
        path = template.format_map(town.ids)
        for method, call in methods.items():
            if method in ("post", "put", "delete", "patch"):
                content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
                yield call["operationId"], method, path, content.get("example", {})


@pytest.mark.parametrize("scope", MOVED_BY)
def test_an_admins_token_moves_nothing_beyond_its_scope(town: Town, scope: str) -> None:
    with town.database.transaction() as session:
        admin = session.scalars(select(User).where(User.username == "admin")).one()
        _token, secret = create_token(session, make.admin(), admin, read(NewToken, {"name": "agent", "scope": scope}))
    headers, before = {"Authorization": f"Bearer {secret}"}, town.kept()
    answers = {
        name: town.app.test_client().open(path, method=method, headers=headers, json=said).status_code
        for name, method, path, said in operations(town)
    }
    assert len(answers) > 50
    assert {name for name, rows in town.kept().items() if rows != before[name]} <= MOVED_BY[scope]
    assert max(answers.values()) < 500
    if scope == "read":
        assert {name for name, status in answers.items() if status != 403} == ANSWERED_ANYWAY


# ---------- the tools of agents

SAID: dict[str, dict[str, Any]] = {
    "get_pnl": {},
    "get_services": {},
    "get_service": {"service_id": 1},
    "get_dashboard": {},
    "what_if": {"cost_change_pct": 5},
    "price_for_margin": {"service_id": 1, "margin_pct": 40},
    "get_pnl_range": {"first": "2026-01", "last": "2026-12"},
    "get_transactions": {"month": "2026-11"},
    "get_expenses": {},
    "get_revisions": {"service_id": 1},
    "compare_revisions": {"service_id": 1, "from_revision": 1},
    "get_changes": {"limit": 5},
    "get_proposals": {},
    "add_component": {"service_id": 1, "name": "SSD", "unit_cost": 1, "unit_sell": 2},
    "update_component": {"component_id": 1, "unit_cost": 7},
    "delete_component": {"component_id": 1},
    "undo_change": {"service_id": 1, "revision": 2},
    "void_transaction": {"transaction_id": 1},
    "add_transaction": {"service_id": 1, "quantity": 1, "month": "2026-11"},
}


@pytest.mark.parametrize("who", ["viewer", "looker", "ended"])
def test_no_tool_lets_in_more_people_than_its_act(town: Town, who: str) -> None:
    assert set(SAID) == set(TOOLS), "a new tool is tried here, too"
    door = Door(town.database, HolderOfToken(agent_token(town, who)))
    before = town.kept()
    for name, tool in TOOLS.items():
        allowed = tool.sees is None and (tool.act is None or (who == "viewer" and tool.act is Act.RECORD_SALES))
        if who == "ended":
            with pytest.raises(Unauthenticated):
                door.run(tool, SAID[name])
        elif not allowed:
            with pytest.raises(Forbidden):
                door.run(tool, SAID[name])
        elif tool.act is None:
            door.run(tool, SAID[name])
    assert town.kept() == before


def agent_token(town: Town, who: str) -> str:
    with town.database.transaction() as session:
        user = make.user(session, f"{who}-agent", may_record_sales=who != "looker")
        token, secret = create_token(session, make.admin(), user, read(NewToken, {"name": "agent", "scope": "admin"}))
        if who == "ended":
            end_token(session, make.admin(), token.id)
    return secret
