"""A server for agents that runs as operators start it, `vela mcp`, and agents who call it over HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests import services
from tests.ports import free_port

START_SECONDS, STOP_SECONDS = 120, 60
PROGRAM = [sys.executable, "-c", "from vela.cli import main; main(prog_name='vela')", "mcp"]
JSON = "application/json"
NEWER = "2026-07-28"


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """What the service sees of the world: nothing of ours but these."""
    bind = more.pop("VELA_MCP_BIND", f"127.0.0.1:{free_port()}")
    told = {"VELA_DATA_DIR": str(folder), "VELA_DATABASE_URL": database_url, "VELA_LOG": "json", "VELA_MCP_BIND": bind}
    return {"PATH": os.environ["PATH"], "HOME": str(folder)} | told | more


@dataclass
class Served:
    """A server that runs, and what it wrote down."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def line_of(self, request_id: str | None) -> dict[str, Any]:
        """The one line about a request, which is written when it is over."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            found = [line for line in self.lines() if line["event"] == "request" and line["request_id"] == request_id]
            if found:
                (line,) = found
                return line
            time.sleep(0.02)
        pytest.fail(f"no line about {request_id}:\n{self.log.read_text()}")

    def ask(self, method: str = "POST", path: str = "/mcp", body: Any = None, **headers: str | None) -> "Answer":
        """One plain request, of a client of which nothing is known."""
        with closing(self.send(method, path, body, **headers)) as connection:
            response = connection.getresponse()
            return Answer(response, response.read())

    def send(self, method: str = "POST", path: str = "/mcp", body: Any = None, **headers: str | None) -> HTTPConnection:
        """Where the answer to one plain request is going to come."""
        said = {"Content-Type": JSON, "Accept": f"{JSON}, text/event-stream"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, {name: value for name, value in said.items() if value is not None})
        except OSError:
            connection.close()
            raise
        return connection

    @asynccontextmanager
    async def client(self, token: str, era: str = "auto", **more: Any) -> AsyncGenerator[Client]:
        """An agent with a token."""
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"} | self.headers, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=era, **more) as client,
        ):
            yield client


@dataclass(frozen=True)
class Answer:
    """What came back for a plain request."""

    response: HTTPResponse
    body: bytes

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def __getitem__(self, header: str) -> str | None:
        return self.response.headers[header]


def called(name: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A call of a tool in the newer protocol, and the headers that go with it."""
    known = "io.modelcontextprotocol/"
    about = {f"{known}protocolVersion": NEWER, f"{known}clientInfo": {"name": "host", "version": "1"},
             f"{known}clientCapabilities": {}}  # fmt: skip
    params = {"name": name, "arguments": dict(arguments or {}), "_meta": about}
    headers = {"MCP_Protocol_Version": NEWER, "Mcp_Method": "tools/call", "Mcp_Name": name}
    return {"body": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, **headers}


@contextmanager
def serving(seen: Mapping[str, str], log: Path) -> Iterator[Served]:
    """A server that answers, and that ends well when the block does."""
    with log.open("a") as output:
        process = subprocess.Popen(PROGRAM, env=dict(seen), cwd=services.PROJECT, stdout=output, stderr=output)
    served = Served(int(seen["VELA_MCP_BIND"].rpartition(":")[2]), process, log)
    try:
        wait_until(lambda: _answers(served))
        yield served
    finally:
        process.terminate()
        status = process.wait(STOP_SECONDS)
    assert status == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def _answers(served: Served) -> bool:
    assert served.process.poll() is None, served.log.read_text()
    try:
        return served.ask("GET", "/mcp/health").status == 200
    except ConnectionError:
        return False


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
