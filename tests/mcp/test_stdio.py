"""The program that hosts start: from start to answer, refusing to start, and nothing but messages on its output."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any, TextIO

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests import make
from tests.domain.books import reprice
from tests.mcp.conftest import to_its_end, token_of
from vela.checkpoints import LONG_BYTES, length
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.mcp.tools import TOOLS

SERVER = Path(__file__).resolve().parent.parent.parent / "mcp_server.py"
SECONDS = 60
SERVICE = "vela://services/1"

# What a careless library could do: print when it is imported, all the while, from C, and when the program ends.
NOISY = """
import atexit, os, sys, threading

def chatter():
    while not ended.wait(0.01):
        print("noise all the while", flush=True)
        os.write(1, b"noise from C\\n")

def noise(event, args):
    if event == "import" and args[0] in ("mcp", "sqlalchemy"):
        print("noise from an import")
    if event == "import" and args[0] == "vela.mcp.running":
        talking.start()

def end():
    ended.set()
    talking.join()
    print("noise at the end")

ended, talking = threading.Event(), threading.Thread(target=chatter, daemon=True)
sys.addaudithook(noise)
atexit.register(end)
"""


@pytest.fixture
def environment(database: Database, database_url: str, tmp_path: Path) -> dict[str, str]:
    """All that a host hands to the server, for an administrator's agent."""
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session)
    return {
        "VELA_API_TOKEN": token_of(database, "nadia"),
        "VELA_DATA_DIR": str(tmp_path),
        "VELA_DATABASE_URL": database_url,
    }


@dataclass(frozen=True)
class Ended:
    """What a server said in its whole life, and its exit status."""

    status: int
    output: str
    log: str


def run(environment: Mapping[str, str], said: list[str], answers: int, log: Path) -> Ended:
    """Start a server, say lines to it, hear that many answers with a number, and hang up."""
    with log.open("w") as errors, _started(environment, errors) as server:
        watchdog = Timer(SECONDS, server.kill)
        watchdog.start()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.writelines(f"{line}\n" for line in said)
        server.stdin.flush()
        heard: list[str] = []
        while sum('"id":null' not in line for line in heard) < answers:
            line = server.stdout.readline()
            assert line, f"It ended early: {log.read_text()[-2000:]}"
            heard.append(line)
        server.stdin.close()
        heard.append(server.stdout.read())
        status = server.wait(SECONDS)
        watchdog.cancel()
    return Ended(status, "".join(heard), log.read_text())


def _started(environment: Mapping[str, str], errors: TextIO) -> subprocess.Popen[str]:
    command = [sys.executable, str(SERVER)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment, cwd="/", encoding="utf-8")


def test_a_host_starts_it_and_is_answered(environment: dict[str, str], era: str) -> None:
    server = StdioServerParameters(command=sys.executable, args=[str(SERVER)], env=environment, cwd="/")

    async def session() -> None:
        async with Client(server, mode=era) as client:
            assert len((await client.list_tools()).tools) == len(TOOLS)
            answer = await client.call_tool("get_services", {})
            assert answer.structured_content["services"][0]["cost_price"] == 600
            refused = await client.call_tool("get_service", {"service_id": 9})
            assert refused.structured_content["existing_ids"] == [1]

    to_its_end(session)


def test_an_agent_alone_keeps_the_log_short(environment: dict[str, str], database: Database, tmp_path: Path) -> None:
    if database.path is None:
        pytest.skip("PostgreSQL keeps its own log short")
    number = 0
    while length(database.path) <= LONG_BYTES:
        number += 1
        with database.transaction() as session:
            for each in range(20):
                make.offer(session, f"Rigel {number} {each}", description="x" * 500)
    before = database.path.read_bytes()
    with (tmp_path / "errors").open("w") as errors, _started(environment, errors) as server:
        until = time.monotonic() + SECONDS
        while database.path.read_bytes() == before and time.monotonic() < until:
            time.sleep(0.1)
        moved = database.path.read_bytes() != before
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(SECONDS) == 0
    assert moved


# ---------- refusing to start


def refusal(environment: Mapping[str, str]) -> str:
    command = [sys.executable, str(SERVER)]
    ended = subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    return line.removeprefix("vela-platform: ")


def test_without_a_token_it_says_which_variable_and_how_to_make_one(environment: dict[str, str]) -> None:
    del environment["VELA_API_TOKEN"]
    assert refusal(environment) == (
        "VELA_API_TOKEN is not set. Make a token with `vela token create USERNAME` and put it there."
    )


def test_saying_twice_who_acts_is_refused(environment: dict[str, str]) -> None:
    assert "both set" in refusal(environment | {"VELA_MCP_USER": "nadia"})


def test_a_name_instead_of_a_token_opens_a_file_and_no_server(environment: dict[str, str]) -> None:
    del environment["VELA_API_TOKEN"]
    assert "PostgreSQL" in refusal(
        environment | {"VELA_MCP_USER": "nadia", "VELA_DATABASE_URL": "postgresql://vela@127.0.0.1:1/vela"}
    )


def test_a_name_that_nobody_has_is_refused(environment: dict[str, str], database: Database) -> None:
    if database.path is None:
        pytest.skip("a name opens no server")
    del environment["VELA_API_TOKEN"]
    assert "VELA_MCP_USER" in refusal(environment | {"VELA_MCP_USER": "nobody"})


def test_a_bad_token_is_refused_without_being_repeated(environment: dict[str, str]) -> None:
    line = refusal(environment | {"VELA_API_TOKEN": "vela_pat_notgood" + "a" * 30})
    assert "VELA_API_TOKEN" in line
    assert "vela token create USERNAME" in line
    assert "notgood" not in line


def test_a_wrong_address_is_named_and_no_file_is_made(environment: dict[str, str], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    line = refusal(environment | {"VELA_DATABASE_URL": f"sqlite:///{elsewhere}/vela.db"})
    assert line.startswith(f"There is no database at {elsewhere}/vela.db.")
    assert "vela migrate" in line
    assert not elsewhere.exists()


def test_an_empty_database_is_sent_to_the_migrations(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    assert "vela migrate" in refusal(environment | {"VELA_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"})


def test_a_database_that_does_not_answer_is_named_without_its_password(environment: dict[str, str]) -> None:
    line = refusal(environment | {"VELA_DATABASE_URL": "postgresql://vela:hunter2@127.0.0.1:1/vela"})
    assert "postgresql://vela:***@127.0.0.1:1/vela" in line
    assert "VELA_DATABASE_URL" in line


def test_a_setting_that_makes_no_sense_is_named(environment: dict[str, str]) -> None:
    assert "VELA_DATABASE_URL" in refusal(environment | {"VELA_DATABASE_URL": "mysql://somewhere"})


# ---------- nothing but messages


def message(number: int | None, method: str, **params: Any) -> dict[str, Any]:
    identity = {} if number is None else {"id": number}
    return {"jsonrpc": "2.0", **identity, "method": method, "params": params}


def in_the_era(era: str) -> list[dict[str, Any]]:
    """What a host says first, then a listing, a call that goes well and one that does not."""
    about = {"name": "host", "version": "1"}
    calls = [
        message(2, "tools/list"),
        message(3, "tools/call", name="get_pnl", arguments={}),
        message(4, "tools/call", name="get_pnl", arguments={"month": "2026-13"}),
    ]
    if era == "legacy":
        first = message(1, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=about)
        return [first, message(None, "notifications/initialized"), *calls]
    said = [message(1, "server/discover"), *calls]
    known = "io.modelcontextprotocol/"
    envelope = {f"{known}protocolVersion": "2026-07-28", f"{known}clientInfo": about, f"{known}clientCapabilities": {}}
    return [each | {"params": each["params"] | {"_meta": envelope}} for each in said]


def test_whatever_happens_its_output_is_messages_alone(environment: dict[str, str], era: str, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    (noisy / "sitecustomize.py").write_text(NOISY)
    loud = {"PYTHONPATH": str(noisy), "PYTHONVERBOSE": "1", "PYTHONDEVMODE": "1", "PYTHONWARNINGS": "always"}
    first, *rest = (json.dumps(each) for each in in_the_era(era))
    said = [first, "no JSON at all", "{}", "\x00\xff", '{"jsonrpc":"2.0","id":NaN}', *rest]
    ended = run(environment | loud, said, 4, tmp_path / "log")
    answers = [json.loads(line) for line in ended.output.splitlines()]
    assert ended.status == 0
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    by_number = {answer["id"]: answer for answer in answers if answer.get("id") is not None}
    assert sorted(by_number) == [1, 2, 3, 4]
    assert by_number[3]["result"]["structuredContent"]["opex"] == 800
    assert by_number[4]["result"]["isError"] is True
    for noise in ("from an import", "all the while", "from C", "at the end"):
        assert f"noise {noise}" in ended.log


def test_neither_its_output_nor_its_log_holds_the_token(environment: dict[str, str], tmp_path: Path) -> None:
    ended = run(environment, [json.dumps(each) for each in in_the_era("legacy")], 4, tmp_path / "log")
    assert ended.status == 0
    assert {json.loads(line)["event"] for line in ended.log.splitlines()} == {"request"}
    assert environment["VELA_API_TOKEN"] not in ended.output + ended.log


# ---------- what it says by itself


def test_the_program_tells_what_another_process_changed_and_ends_with_its_input(
    environment: dict[str, str], era: str, database: Database, tmp_path: Path
) -> None:
    said = in_the_era(era)[:2]
    about = {"notifications": {"resourceSubscriptions": [SERVICE]}}
    if era == "legacy":
        asking = message(7, "resources/subscribe", uri=SERVICE)
    else:
        asking = message(7, "subscriptions/listen", **about, _meta=said[0]["params"]["_meta"])
    with (tmp_path / "log").open("w") as errors, _started(environment, errors) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for each in (*(one for one in said if one["method"] != "tools/list"), asking):
            server.stdin.write(f"{json.dumps(each)}\n")
        server.stdin.flush()
        heard: list[dict[str, Any]] = []
        while not any(one.get("id") == 7 or "acknowledged" in one.get("method", "") for one in heard):
            heard.append(json.loads(server.stdout.readline()))
        with database.reading() as session:
            part = catalog.service(session, 1).components[0].id
        reprice(database, part, unit_cost=1)
        told = json.loads(server.stdout.readline())
        assert (told["method"], told["params"]["uri"]) == ("notifications/resources/updated", SERVICE)
        server.stdin.close()
        rest = server.stdout.read()
        assert server.wait(SECONDS) == 0
    assert "resources/updated" not in rest
