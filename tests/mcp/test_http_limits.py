"""How much of the agents' server one token, and all of them, hold at once, and what whoever wants more is told."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from tests import make
from tests.mcp.conftest import to_its_end, token_of
from tests.mcp.served import Answer, Served, called, environment, serving
from vela import schema
from vela.db import Database
from vela.mcp import limits
from vela.mcp.callers import Callers
from vela.mcp.gate import Gate
from vela.mcp.health import Health
from vela.mcp.limits import IDLE_SECONDS, SESSIONS_EACH, STREAMS_EACH, Limits
from vela.rates import Rates

OLDER = {"MCP_Protocol_Version": "2025-11-25"}
BEGINNING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}},
}


@pytest.fixture
def token(database: Database) -> str:
    """A token that may only look, of Nadia, who sells Atlas."""
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session, "Atlas", ("RAM (16GB)", 300, 500))
    return token_of(database, "nadia", scope="read")


@pytest.fixture
def other(database: Database, token: str) -> str:
    return token_of(database, "nadia", name="Another laptop")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# ---------- the share of a token


@pytest.fixture
def served(database: Database, database_url: str, tmp_path: Path, token: str) -> Iterator[Served]:
    with serving(environment(tmp_path, database_url), tmp_path / "log") as found:
        yield found


def begun(served: Served, token: str) -> Answer:
    return served.ask(body=BEGINNING, **bearer(token))


def session_of(answer: Answer) -> dict[str, str]:
    assert answer.status == 200, answer.body
    return {"Mcp_Session_Id": answer["Mcp-Session-Id"] or "", **OLDER}


def opened(served: Served, method: str, body: bytes, headers: dict[str, str]) -> tuple[socket.socket, bytes]:
    """A stream, and how its answer begins."""
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    told += f"Accept: application/json, text/event-stream\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    stream = socket.create_connection(("127.0.0.1", served.port), timeout=30)
    stream.sendall(f"{method} /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}\r\n".encode() + body)
    return stream, stream.recv(65536)


def older_stream(served: Served, token: str) -> tuple[socket.socket, bytes]:
    return opened(served, "GET", b"", session_of(begun(served, token)) | bearer(token))


def newer_stream(served: Served, token: str) -> tuple[socket.socket, bytes]:
    call = called("")
    body = call.pop("body")
    body["method"] = call["Mcp_Method"] = "subscriptions/listen"
    del call["Mcp_Name"]
    body["params"] = {"notifications": {"toolsListChanged": True}, "_meta": body["params"]["_meta"]}
    return opened(
        served, "POST", json.dumps(body).encode(), call | bearer(token) | {"Content_Type": "application/json"}
    )


def test_a_token_holds_so_many_streams_and_takes_none_from_others(served: Served, token: str, other: str) -> None:
    with ExitStack() as streams:

        def stream(kind: Any, whose: str) -> bytes:
            connection, beginning = kind(served, whose)
            streams.enter_context(connection)
            return beginning

        for number in range(STREAMS_EACH):
            beginning = stream((older_stream, newer_stream)[number % 2], token)
            assert beginning.startswith(b"HTTP/1.1 200 "), beginning
        for kind in (older_stream, newer_stream):
            refused = stream(kind, token)
            assert refused.startswith(b"HTTP/1.1 429 "), refused
            assert b"x-request-id" in refused.lower()
            assert stream(kind, other).startswith(b"HTTP/1.1 200 ")
        answer = served.ask(**called("get_services"), **bearer(token))
        assert answer.status == 200
        over = served.ask("GET", **session_of(begun(served, token)), **bearer(token))
        assert (over.status, over.json["error"]["data"]["error"]) == (429, "TOO_MANY_STREAMS")
        assert "8 streams" in over.json["error"]["message"]
        assert over["RateLimit"]
    for line in [line for line in served.lines() if line["event"] == "request" and line["method"] == "GET"]:
        assert line["status"] in (200, 429)
    ended = False
    while not ended:  # once the server has seen that they are gone
        connection, beginning = newer_stream(served, token)
        with connection:
            ended = beginning.startswith(b"HTTP/1.1 200 ")


def test_a_token_holds_so_many_sessions_and_takes_none_from_others(served: Served, token: str, other: str) -> None:
    sessions = [session_of(begun(served, token)) for _each in range(SESSIONS_EACH)]
    over = begun(served, token)
    assert (over.status, over.json["error"]["data"]["error"]) == (429, "TOO_MANY_SESSIONS")
    assert "DELETE" in over.json["error"]["message"]
    assert IDLE_SECONDS - 600 < int(over["Retry-After"] or 0) <= IDLE_SECONDS
    assert served.line_of(over["X-Request-Id"])["status"] == 429
    assert served.ask(**called("get_services"), **bearer(token)).status == 200
    assert served.ask("DELETE", **sessions[0], **bearer(other)).status == 404
    assert begun(served, token).status == 429
    assert begun(served, other).status == 200
    assert served.ask("DELETE", **sessions[0], **bearer(token)).status == 200
    session_of(begun(served, token))
    assert begun(served, token).status == 429


def test_what_begins_no_session_takes_no_place_of_one(served: Served, token: str) -> None:
    for _each in range(SESSIONS_EACH + 1):
        assert served.ask(body={"jsonrpc": "2.0", "id": 1, "method": "no/such"}, **bearer(token)).status == 400
    assert begun(served, token).status == 200


def test_who_may_not_call_any_more_is_told_what_is_left(
    database_url: str, database: Database, tmp_path: Path, token: str
) -> None:
    with serving(environment(tmp_path, database_url, VELA_API_RATE="1"), tmp_path / "log") as served:
        answers = [served.ask(**called("get_services"), **who) for who in (bearer(token), {}) for _each in range(2)]
        assert [each.status for each in answers] == [200, 429, 401, 429]
        assert [";r=0;" in (each["RateLimit"] or "") for each in answers] == [True] * 4
        # It was asked for once already, when it began.
        monitor = served.ask("GET", "/mcp/health")
        assert (monitor.status, monitor.json["error"]["data"]["error"]) == (429, "TOO_MANY_CALLS")
        assert served.line_of(monitor["X-Request-Id"])["route"] == "/mcp/health"


# ---------- what all of them hold


@dataclass
class Inside:
    """What the gate leads to: it waits for `on`, then answers as the server does to whoever begins a session."""

    on: anyio.Event = field(default_factory=anyio.Event)
    waiting: int = 0
    begun: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.waiting += 1
        await self.on.wait()
        self.waiting -= 1
        self.begun += 1
        await Response("{}", headers={"Mcp-Session-Id": f"session-{self.begun}"})(scope, receive, send)


@dataclass
class Clock:
    """Seconds that pass when they are told to."""

    now: float = 1000

    def __call__(self) -> float:
        return self.now


def gate_of(database: Database, inside: Inside, clock: Clock) -> Gate:
    callers = Callers(database, Rates(0))
    return Gate(inside, callers, Health(database, clock), Limits(clock), ("127.0.0.1",), 0, anyio.Event())


async def ask(gate: Gate, token: str = "", method: str = "POST", path: str = "/mcp", **more: str) -> dict[str, Any]:
    """The answer of the gate: its status, its headers, and what it says."""
    headers = {"host": "127.0.0.1", "content-type": "application/json", "authorization": f"Bearer {token}"} | more
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    answer: dict[str, Any] = {"body": b""}

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["headers"] = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer["body"] += message.get("body", b"")

    scope: Scope = {"type": "http", "method": method, "path": path, "headers": told, "client": ("127.0.0.1", 1)}
    await gate(scope, receive, send)
    return answer


def why(answer: dict[str, Any]) -> tuple[int, str, bool]:
    """The status of a refusal, its code, and whether it says under which id and for how long."""
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    known = "x-request-id" in headers and int(headers.get("retry-after", "1")) > 0
    return answer["status"], json.loads(answer["body"])["error"]["data"]["error"], known


async def until_waiting(inside: Inside, many: int) -> None:
    while inside.waiting < many:
        await anyio.sleep(0.01)


NEWER = {"mcp_protocol_version": "2026-07-28"}


def test_who_finds_no_room_is_told_so_and_monitors_are_answered(
    database: Database, token: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUESTS_OF_ALL", 3)
    monkeypatch.setattr(limits, "REQUESTS_EACH", 2)

    async def tried() -> None:
        inside = Inside()
        gate = gate_of(database, inside, Clock())
        async with anyio.create_task_group() as tasks:
            for _each in range(2):
                tasks.start_soon(lambda: ask(gate, token, **NEWER))
            await until_waiting(inside, 2)
            assert why(await ask(gate, token, **NEWER)) == (429, "TOO_MANY_REQUESTS", True)
            tasks.start_soon(lambda: ask(gate, other, **NEWER))
            await until_waiting(inside, 3)
            full = await ask(gate, other, **NEWER)
            assert why(full) == (503, "CROWDED", True)
            assert full["headers"]["retry-after"] == "5"
            assert (await ask(gate, method="GET", path="/mcp/health"))["status"] == 200
            inside.on.set()
        assert (await ask(gate, token, **NEWER))["status"] == 200

    to_its_end(tried)


def test_sessions_are_so_many_until_they_idled_for_long(
    database: Database, token: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SESSIONS_OF_ALL", 2)

    async def tried() -> None:
        inside, clock = Inside(), Clock()
        inside.on.set()
        gate = gate_of(database, inside, clock)
        assert [(await ask(gate, who))["status"] for who in (token, other)] == [200, 200]
        full = await ask(gate, other)
        assert why(full) == (503, "TOO_MANY_SESSIONS", True)
        assert full["headers"]["retry-after"] == "60"
        clock.now += IDLE_SECONDS - 1
        assert (await ask(gate, token, mcp_session_id="session-1"))["status"] == 200
        clock.now += 1  # the other's has idled long enough
        assert (await ask(gate, token))["status"] == 200
        assert why(await ask(gate, token)) == (503, "TOO_MANY_SESSIONS", True)

    to_its_end(tried)


def test_health_is_looked_up_once_in_a_second(database: Database, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Database] = []
    standing = schema.standing

    def look(books: Database) -> Any:
        looked.append(books)
        return standing(books)

    monkeypatch.setattr(schema, "standing", look)

    async def tried() -> None:
        clock = Clock()
        gate = gate_of(database, Inside(), clock)
        async with anyio.create_task_group() as tasks:
            for _each in range(5):
                tasks.start_soon(lambda: ask(gate, method="GET", path="/mcp/health"))
        assert len(looked) == 1
        clock.now += 1
        assert (await ask(gate, method="GET", path="/mcp/health"))["status"] == 200
        assert len(looked) == 2

    to_its_end(tried)
