"""The log: a line for each request on each face, and nothing in it that anybody has to keep to themselves."""

import io
import json
import logging

import pytest
from click.testing import CliRunner
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests import make
from tests.api.conftest import Program, signed_in
from tests.ops.conftest import Log
from tests.web.conftest import sign_in, submit
from vela import logs
from vela.cli import main
from vela.db import Database
from vela.domain.people.access import Face
from vela.mcp.answering import call_tool
from vela.mcp.door import Door
from vela.mcp.who import HolderOfToken
from vela.settings import Settings
from vela.signin.visiting import actor_of_personal_token

CANARY = "canary-9f27c1"


@pytest.fixture
def books(app: Flask) -> Database:
    return app.extensions["vela"].database


@pytest.fixture
def admin(app: Flask, books: Database) -> Program:
    with books.transaction() as session:
        make.user(session, "salma", role="admin", password=f"{CANARY} password")
    return Program(app, Program(app).log_in("salma", f"{CANARY} password").json["token"])


def test_a_request_is_one_line(admin: Program, log: Log) -> None:
    mine = "11111111-2222-4333-8444-555555555555"
    answer = admin.call("GET", "/api/services/7?month=2026-11", {"X-Request-Id": mine})
    (line,) = log.events("request")
    assert answer.headers["X-Request-Id"] == line["request_id"] == mine
    assert line["duration_ms"] > 0
    told = {name: line[name] for name in ("method", "route", "status", "user", "face", "address", "level")}
    assert told == {"method": "GET", "route": "/api/services/<service_id>", "status": answer.status_code,
                    "user": "salma", "face": "api", "address": "127.0.0.1", "level": "info"}  # fmt: skip


def test_pages_files_and_probes_have_their_lines_too(app: Flask, admin: Program, log: Log) -> None:
    page = app.test_client()
    submit(page, "/login", {"username": "salma", "password": f"{CANARY} password"})
    answers = [page.get(path) for path in ("/", "/static/tokens.css", "/health", "/no/such/page?q=1", "/api/nothing")]
    seen = [(line["route"], line["face"], line["user"]) for line in log.events("request")][-5:]
    assert seen == [("/", "browser", "salma"), ("/static/<path:filename>", "browser", ""), ("/health", "api", ""),
                    ("(none)", "browser", "salma"), ("(none)", "api", "")]  # fmt: skip
    assert [line["request_id"] for line in log.events("request")][-5:] == [
        answer.headers["X-Request-Id"] for answer in answers
    ]


def test_a_change_carries_the_id_of_its_request_into_the_trail(admin: Program, books: Database, log: Log) -> None:
    answer = admin.post("/api/services", {"name": "Atlas", "components": []})
    assert answer.status_code == 201
    (line,) = log.events("changed")
    assert (line["action"], line["user"], line["face"]) == ("create", "salma", "api")
    with books.reading() as session:
        kept = session.scalar(text("SELECT request_id FROM audit_entries ORDER BY id DESC LIMIT 1"))
    assert line["request_id"] == kept == answer.headers["X-Request-Id"]


def test_what_is_not_kept_is_not_told(books: Database, log: Log) -> None:
    with pytest.raises(RuntimeError), books.transaction() as session:  # noqa: PT012 the block has to end so
        make.offer(session)
        session.flush()
        raise RuntimeError
    assert log.events("changed") == []


def test_sign_ins_are_told_and_refusals_name_only_users_there_are(app: Flask, admin: Program, log: Log) -> None:
    signed_in_by = app.test_client()
    submit(signed_in_by, "/login", {"username": "salma", "password": f"{CANARY} password"})
    Program(app).log_in("salma", f"{CANARY} wrong")
    Program(app).log_in(CANARY, "typed into the wrong field")
    assert [line["user"] for line in log.events("signed in")] == ["salma"]
    refused = [(line["reason"], line["user"], line["address"]) for line in log.events("sign-in refused")]
    assert refused == [("wrong_credentials", "salma", "127.0.0.1"), ("wrong_credentials", "", "127.0.0.1")]


def test_whoever_fails_to_prove_themselves_again_is_told(app: Flask, admin: Program, log: Log) -> None:
    browser = sign_in(app, "salma", f"{CANARY} password")
    for _ in range(6):
        submit(browser, "/account/confirm", {"confirm_password": f"{CANARY} wrong"})
    refused = [(line["reason"], line["user"]) for line in log.events("sign-in refused")]
    assert refused == [("wrong_confirmation", "salma")] * 5 + [("too_many_tries", "salma")]


def test_a_forbidden_act_is_told(app: Flask, books: Database, log: Log) -> None:
    with books.transaction() as session:
        make.user(session, "youssef")
    signed_in(app, "youssef").post("/api/services", {"name": "Atlas", "components": []})
    (line,) = log.events("forbidden")
    assert (line["user"], line["face"], line["act"], line["level"]) == ("youssef", "api", "change offers", "warning")


def break_table(books: Database) -> None:
    with books.transaction() as session:
        session.execute(text("ALTER TABLE components RENAME COLUMN notes TO mislaid"))


def mend_table(books: Database) -> None:
    with books.transaction() as session:
        session.execute(text("ALTER TABLE components RENAME COLUMN mislaid TO notes"))


def test_a_fault_is_told_with_its_code_and_place_and_nothing_of_what_was_sent(
    app: Flask, admin: Program, books: Database, log: Log
) -> None:
    def fails() -> str:
        raise ValueError(f"cannot use {request.json!r}, {request.headers['Authorization']}, {request.full_path}")

    endpoint, _ = app.url_map.bind("").match("/api/services", method="POST")
    app.view_functions[endpoint] = fails
    sent = {"name": f'{CANARY} "quoted" \n ünïcode', "list": [f"{CANARY}-in-a-list"]}
    answer = admin.call("POST", "/api/services", {"Cookie": f"token={CANARY}-cookie"}, json=sent)
    (line,) = log.events("fault")
    assert answer.status_code == 500
    assert answer.json["fault"] == line["code"]
    assert line["where"] == "POST /api/services"
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "in fails" in line["traceback"]
    assert "ValueError" in line["traceback"]
    assert CANARY not in log.text
    assert admin.token not in log.text


def test_a_statement_that_fails_is_told_without_its_values(books: Database, log: Log) -> None:
    with pytest.raises(SQLAlchemyError) as raised, books.transaction() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": CANARY})
    logging.getLogger("vela").error("a statement", exc_info=raised.value)
    assert "nowhere" in log.text
    assert CANARY not in log.text


def test_nothing_secret_is_ever_in_a_line(app: Flask, admin: Program, books: Database, log: Log) -> None:
    page = app.test_client()
    for password in (f"{CANARY} wrong", f"{CANARY} password"):
        submit(page, f"/login?next=/?{CANARY}", {"username": "salma", "password": password})
    made = admin.post("/api/services", {"name": f"{CANARY} offer", "components": []})
    assert made.status_code == 201, made.text
    submit(page, "/account/tokens", {"name": f"{CANARY} token"})
    token = _personal_token(books)
    for secret in (token, f"vela_pat_{CANARY}", f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}"):
        Program(app, secret).get("/api/services")
    Program(app).call("GET", "/api/services", {"Authorization": f"Basic {CANARY}", "X-Request-Id": CANARY})
    app.test_client().get(f"/{CANARY}?token={CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY})
    agent = Door(books, HolderOfToken(token))
    call_tool(agent, "get_services", {})
    call_tool(agent, "add_transaction", {"service_id": 1, "note": CANARY})
    call_tool(agent, "what_if", {"service_id": CANARY, CANARY: [CANARY]})
    logging.getLogger("some.library").warning("connecting with Bearer %s to postgresql://u:%s@h/d", CANARY, CANARY)
    assert {line["face"] for line in log.events("request")} == {"browser", "api", "agent"}
    assert len(log.lines) > 15
    assert CANARY not in log.text
    assert token not in log.text
    assert admin.token not in log.text


def _personal_token(books: Database) -> str:
    from vela.domain.people import queries, signins  # noqa: PLC0415
    from vela.domain.people.access import operator  # noqa: PLC0415
    from vela.domain.people.intake import NewToken  # noqa: PLC0415
    from vela.intake import read  # noqa: PLC0415

    with books.transaction() as session:
        salma = queries.user_named(session, "salma")
        assert salma is not None
        return signins.create_token(session, operator(), salma, read(NewToken, {"name": "canary"}))[1]


def test_an_agent_has_lines_with_ids_of_their_own(admin: Program, books: Database, log: Log) -> None:
    token = _personal_token(books)
    assert actor_of_personal_token(books, token, Face.AGENT)
    door = Door(books, HolderOfToken(token))
    call_tool(door, "get_services", {})
    call_tool(door, "get_service", {"service_id": 77})
    first, second = log.events("request")[-2:]
    assert (first["method"], first["route"], first["status"], first["user"]) == (
        "tools/call",
        "get_services",
        200,
        "salma",
    )
    assert (second["route"], second["status"], second["face"]) == ("get_service", 404, "agent")
    assert first["request_id"] != second["request_id"]


@pytest.mark.parametrize("style", ["json", "plain"])
def test_a_line_stays_one_line(style: logs.Style) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(style))
    logger = logging.Logger("hostile")  # noqa: LOG001 it is nobody else's
    logger.addHandler(handler)
    logger.warning("refused %s", 'salma\r\n{"event": "request"}\u2028\x85\x1b[31m\ud800')
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    if style == "json":
        assert json.loads(stream.getvalue())["event"].startswith("refused salma\r\n")


def test_the_style_follows_the_terminal_unless_it_is_set() -> None:
    assert [logs.style_for(wanted, io.StringIO()) for wanted in ("", "plain", "json")] == ["json", "plain", "json"]


@pytest.mark.parametrize(("wanted", "told"), [("", []), ("json", ["changed", "command"])])
def test_a_command_has_a_log_when_it_is_asked_for(settings: Settings, log: Log, wanted: str, told: list[str]) -> None:
    variables = {
        "VELA_DATA_DIR": str(settings.data_dir),
        "VELA_DATABASE_URL": settings.database_url,
        "VELA_LOG": wanted,
    }
    words = ["user", "create", "salma", "--password-stdin"]
    ended = CliRunner().invoke(main, words, input=f"{CANARY} password", env=variables)
    assert ended.exit_code == 0, ended.output
    lines = [json.loads(line) for line in ended.stderr.splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == told
    assert len({line["request_id"] for line in lines}) <= 1
    assert CANARY not in ended.output
