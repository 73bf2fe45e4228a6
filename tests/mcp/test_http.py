"""Agents over HTTP, with the server as operators start it: answered as over standard input, and many at once."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from select import select as arrived
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import ElicitResult
from sqlalchemy import select, text

from tests import make
from tests.mcp.conftest import Agent, text_of, to_its_end, token_of
from tests.mcp.served import JSON, STOP_SECONDS, Served, called, environment, serving
from vela.db import Database
from vela.domain.audit.models import AuditEntry
from vela.domain.catalog import queries as catalog
from vela.domain.people import signins
from vela.domain.people.models import PersonalToken
from vela.mcp.tools import TOOLS

ERAS = ("auto", "legacy")
READING = {
    "get_services": {},
    "get_service": {"service_id": 1},
    "get_pnl": {"month": "2026-10"},
    "get_dashboard": {},
    "what_if": {"cost_change_pct": 10},
    "get_revisions": {"service_id": 1},
    "get_changes": {},
    "get_transactions": {"month": "2026-13"},
    "get_expenses": {"moth": "2026-10"},
}


@pytest.fixture
def token(database: Database) -> str:
    """The token of an administrator, Nadia, who sells Atlas."""
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session, "Atlas", ("HDD (1TB)", 600, 1000), ("RAM (16GB)", 300, 500))
    return token_of(database, "nadia")


@pytest.fixture
def served(database: Database, database_url: str, tmp_path: Path, token: str) -> Iterator[Served]:
    with serving(environment(tmp_path, database_url), tmp_path / "log") as found:
        yield found


def test_an_agent_is_answered_what_it_is_over_standard_input(served: Served, database: Database, token: str) -> None:
    async def asked(client: Client) -> list[Any]:
        results = [await client.call_tool(name, words) for name, words in READING.items()]
        read = await client.read_resource("vela://services/1")
        prompt = await client.get_prompt("price_offer", {"service_id": "1", "margin_pct": "45"})
        told = [await client.list_tools(), *results, read, prompt]
        return [each.model_dump(mode="json", exclude={"meta"}) for each in told]

    async def over_http(era: str) -> list[Any]:
        async with served.client(token, era) as client:
            assert client.instructions
            return await asked(client)

    for era in ERAS:
        told = to_its_end(lambda era=era: over_http(era))
        assert told == Agent(database, token, era).ask(asked), era
        assert len(told[0]["tools"]) == len(TOOLS)


def test_what_an_agent_does_is_in_the_trail_with_its_face_and_token(
    served: Served, database: Database, token: str
) -> None:
    words = {"service_id": 1, "month": "2026-10", "idempotency_key": "9d1f0a64-order-1047"}

    async def sold(era: str) -> Any:
        async with served.client(token, era) as client:
            return await client.call_tool("add_transaction", words)

    first, again = (to_its_end(lambda era=era: sold(era)) for era in ERAS)
    assert first.structured_content["id"] == again.structured_content["id"]
    assert again.meta["vela/idempotent-replayed"] is True
    answer = served.ask(**called("add_transaction", words | {"idempotency_key": "another"}), **bearer(token))
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "transaction")).all()
        assert [(each.face, each.token_name, each.username) for each in entries] == [("agent", "Laptop", "nadia")] * 2
        assert entries[1].request_id == answer["X-Request-Id"]
    line = served.line_of(answer["X-Request-Id"])
    assert (line["method"], line["route"], line["status"]) == ("tools/call", "add_transaction", 200)
    assert (line["user"], line["face"], line["address"]) == ("nadia", "agent", "127.0.0.1")
    assert token not in served.log.read_text()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# ---------- asking before something is taken away


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return [component.name for component in catalog.service(session, 1).components]


def test_nothing_is_taken_away_before_the_user_agreed(served: Served, database: Database, token: str) -> None:
    asked: list[str] = []

    async def removed(era: str, action: str) -> Any:
        async def answer(_context: Any, params: Any) -> ElicitResult:
            asked.append(params.message)
            return ElicitResult.model_validate({"action": action, "content": {}})

        async with served.client(token, era, elicitation_callback=answer) as client:
            return await client.call_tool("delete_component", {"component_id": 1 + ERAS.index(era)})

    for era in ERAS:
        before = names(database)
        declined = to_its_end(lambda era=era: removed(era, "decline"))
        assert (declined.is_error, declined.structured_content["error"]) == (True, "DECLINED")
        assert names(database) == before
        accepted = to_its_end(lambda era=era: removed(era, "accept"))
        assert not accepted.is_error, text_of(accepted)
        assert len(names(database)) == len(before) - 1
    assert ['"HDD (1TB)"' in each for each in asked] == [True, True, False, False]


def test_an_answer_is_taken_from_whoever_was_asked_and_from_nobody_else(
    served: Served, database: Database, token: str
) -> None:
    other = token_of(database, "nadia", name="Another laptop")
    call = called("delete_component", {"component_id": 1})
    meta = call["body"]["params"]["_meta"]
    meta["io.modelcontextprotocol/clientCapabilities"] = {"elicitation": {"form": {}}}
    question = served.ask(**call, **bearer(token)).json["result"]
    assert question["resultType"] == "input_required"
    answered = {"consent": {"action": "accept", "content": {}}}
    state = question["requestState"]
    for who, said in ((other, state), (token, state[:-4] + "AAAA"), (token, "made up")):
        call["body"]["params"] |= {"inputResponses": answered, "requestState": said}
        refused = served.ask(**call, **bearer(who))
        assert "requestState" in refused.json["error"]["message"]
    assert len(names(database)) == 2
    call["body"]["params"]["requestState"] = state
    assert served.ask(**call, **bearer(token)).json["result"]["structuredContent"]["status"] == "done"


# ---------- sessions of the older protocol


def begun(served: Served, token: str) -> dict[str, str]:
    """The headers of a session that was just begun."""
    about = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    answer = served.ask(body=body, **bearer(token))
    assert answer.status == 200, answer.body
    session = answer["Mcp-Session-Id"]
    assert session
    return {"Mcp_Session_Id": session, "MCP_Protocol_Version": "2025-11-25"}


LISTING = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}


def test_a_session_belongs_to_the_token_it_was_begun_with(served: Served, database: Database, token: str) -> None:
    other = token_of(database, "nadia", name="Another laptop")
    session = begun(served, token)
    assert served.ask(body=LISTING, **session, **bearer(token)).status == 200
    assert served.ask(body=LISTING, **session, **bearer(other)).status == 404
    assert served.ask("DELETE", **session, **bearer(other)).status == 404
    assert served.ask("DELETE", **session, **bearer(token)).status == 200
    assert served.ask(body=LISTING, **session, **bearer(token)).status == 404


def listening(served: Served, token: str, session: dict[str, str]) -> socket.socket:
    """The stream on which a host of the older protocol hears what it did not ask for."""
    headers = bearer(token) | {name.replace("_", "-"): value for name, value in session.items()}
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    stream = socket.create_connection(("127.0.0.1", served.port), timeout=30)
    told += "Host: 127.0.0.1\r\nAccept: text/event-stream\r\nConnection: close\r\n"
    stream.sendall(f"GET /mcp HTTP/1.1\r\n{told}\r\n".encode())
    assert stream.recv(4096).startswith(b"HTTP/1.1 200 ")
    return stream


def test_a_token_that_is_revoked_ends_what_it_opened(served: Served, database: Database, token: str) -> None:
    session = begun(served, token)
    with listening(served, token, session) as stream:
        with database.transaction() as writing:
            row = writing.scalars(select(PersonalToken)).one()
            signins.end_token(writing, make.admin(), row.id)
        refused = served.ask(body=LISTING, **session, **bearer(token))
        assert refused.status == 401
        while received := stream.recv(4096):
            assert b"HTTP/1.1" not in received


def test_a_host_that_listens_hears_of_a_change_until_its_token_is_revoked(
    served: Served, database: Database, token: str
) -> None:
    other = token_of(database, "nadia", name="Another laptop")
    call = called("")
    call["body"]["method"] = call["Mcp_Method"] = "subscriptions/listen"
    del call["Mcp_Name"]
    call["body"]["params"] = {
        "notifications": {"resourceSubscriptions": ["vela://services/1"]},
        "_meta": call["body"]["params"]["_meta"],
    }
    head = {"Content-Type": JSON, "Accept": f"{JSON}, text/event-stream"} | bearer(token)
    head |= {name.replace("_", "-"): value for name, value in call.items() if name != "body"}
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        connection.request("POST", "/mcp", json.dumps(call["body"]), head)
        stream = connection.getresponse()
        assert (stream.status, stream.headers["Content-Type"]) == (200, "text/event-stream")
        assert b"acknowledged" in stream.readline() + stream.readline()
        repriced = called("update_component", {"component_id": 1, "unit_cost": 590})
        assert served.ask(**repriced, **bearer(other)).status == 200
        while b"notifications/resources/updated" not in stream.readline():
            pass
        with database.transaction() as writing:
            row = writing.scalars(select(PersonalToken).where(PersonalToken.name == "Laptop")).one()
            signins.end_token(writing, make.admin(), row.id)
        assert b"resources/updated" not in stream.read()


# ---------- many, and those who leave


def test_many_agents_at_once_are_all_answered(served: Served, database: Database, token: str) -> None:
    async def sells(number: int, sold: list[Any]) -> None:
        async with served.client(token, ERAS[number % 2]) as client:
            for _each in range(2):
                words = {"service_id": 1, "month": "2026-10", "idempotency_key": uuid.uuid4().hex}
                while (answer := await client.call_tool("add_transaction", words)).is_error:
                    assert answer.structured_content["error"] == "BUSY"
                sold.append(answer.structured_content["id"])

    async def all_of_them() -> list[Any]:
        sold: list[Any] = []
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(sells, number, sold)
        return sold

    sold = to_its_end(all_of_them)
    assert sorted(sold) == list(range(1, 17))
    month = Agent(database, token, "auto").answer("get_pnl", month="2026-10")
    assert month["total_revenue"] == 16 * 1500


def test_agents_who_hang_up_leave_nothing_behind(served: Served, token: str) -> None:
    call = called("get_dashboard")
    body = json.dumps(call.pop("body")).encode()
    headers = bearer(token) | {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (headers | call).items())
    head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode()
    for sent in (b"POST", head[:40], head, head + body[:10], head + body):
        for _each in range(5):
            with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
                connection.sendall(sent)
    assert served.ask(**called("get_service", {"service_id": 1}), **bearer(token)).status == 200
    assert [line for line in served.lines() if line["level"] in ("error", "critical")] == []


def test_it_ends_when_it_is_told_to_but_lets_a_call_end_first(served: Served, database: Database, token: str) -> None:
    if database.path is None:
        pytest.skip("a writer keeps others waiting on SQLite")
    session = begun(served, token)
    call = called("add_transaction", {"service_id": 1, "month": "2026-10"})
    with listening(served, token, session) as stream:
        with database.transaction() as writing:
            writing.execute(text("SELECT 1"))
            selling = served.send(**call, **bearer(token))
            # Whoever asks later, and waits for nobody, has had the answer: the call is under way.
            assert served.ask(**called("get_dashboard"), **bearer(token)).status == 200
            served.process.terminate()
            while stream.recv(4096):
                pass
            assert arrived([selling.sock], [], [], 0)[0] == []
            assert served.process.poll() is None
        with closing(selling):
            sold = json.loads(selling.getresponse().read())
        assert sold["result"]["structuredContent"]["status"] == "done"
        served.process.wait(STOP_SECONDS)
