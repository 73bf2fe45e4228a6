"""Measures what a call of a tool costs over standard input and over HTTP, beside a tool that answers what it was told.

`python -m bench.tools` prints the table of docs/measurements.md. Ours is started as a host starts it, and as an
operator serves it; the other one by the SDK's client, in the SDK's own fewest lines. They are called in turns, a batch
each, so that whatever else the machine does meets all alike.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from bench.books import FEW, make_books
from vela.db import Database
from vela.domain.people import queries, signins
from vela.domain.people.access import operator
from vela.domain.people.intake import NewToken
from vela.intake import read
from vela.seeding import DEMO_USERS

OURS = Path(__file__).resolve().parent.parent / "mcp_server.py"
ECHO = """
from mcp.server import MCPServer
server = MCPServer("echo")
@server.tool()
def echo(text: str) -> str:
    return text
server.run()
"""
ONE = ("get_service", {"service_id": 1})
CALLS: Sequence[tuple[str, dict[str, Any]]] = (ONE, ONE, ("echo", {"text": "Atlas"}))
NAMES = ("`get_service`, standard input", "`get_service`, HTTP", "The SDK's echo, standard input")
BIND = "127.0.0.1:8797"
SERVE = "from vela.cli import main; main(prog_name='vela')"
AT_ONCE = (1, 4)
BATCH, WARM_UP = 20, 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tools", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=400, help="how often each is called, one and four at a time (400)")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="vela-bench-") as folder:
        make_books(Path(folder), FEW)
        token = token_for(Path(folder))
        with served(folder):
            rows = asyncio.run(measured({"VELA_API_TOKEN": token, "VELA_DATA_DIR": folder}, token, chosen.calls))
    print("| what | in flight | calls | median, ms | 99 % within, ms | calls per second |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print("\n".join(rows))


def token_for(folder: Path) -> str:
    """A token of the first demo user."""
    database = Database(f"sqlite:///{folder / 'vela.db'}")
    with database.transaction() as session:
        user = queries.user_named(session, DEMO_USERS[0]["username"])
        if user is None:
            raise SystemExit("the books have no demo user")
        token = signins.create_token(session, operator(), user, read(NewToken, {"name": "Bench"}))[1]
    database.close()
    return token


@contextmanager
def served(folder: str) -> Generator[None]:
    """Agents are served over HTTP."""
    told = {"VELA_DATA_DIR": folder, "VELA_MCP_BIND": BIND, "VELA_API_RATE": "0", "PATH": os.environ["PATH"]}
    with subprocess.Popen([sys.executable, "-c", SERVE, "mcp"], env=told, stderr=subprocess.DEVNULL) as process:
        while not answers():
            time.sleep(0.1)
        yield
        process.terminate()


def answers() -> bool:
    host, _colon, port = BIND.partition(":")
    with socket.socket() as trial:
        return trial.connect_ex((host, int(port))) == 0


async def measured(told: dict[str, str], token: str, calls: int) -> list[str]:
    """The rows of the table."""
    rows: list[str] = []
    async with (
        Client(server([str(OURS)], told)) as ours,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(f"http://{BIND}/mcp", http_client=http)) as far,
        Client(server(["-c", ECHO], {})) as bare,
    ):
        both = tuple(zip((ours, far, bare), CALLS, strict=True))
        for at_once in AT_ONCE:
            await asyncio.gather(*(batch(client, call, at_once, WARM_UP) for client, call in both))
            seconds: list[list[float]] = [[] for _call in CALLS]
            spent = [0.0 for _call in CALLS]
            for _turn in range(calls // BATCH):
                for number, (client, call) in enumerate(both):
                    began = time.perf_counter()
                    seconds[number] += await batch(client, call, at_once, BATCH)
                    spent[number] += time.perf_counter() - began
            rows += [row(*figures, at_once) for figures in zip(NAMES, seconds, spent, strict=True)]
    return rows


def server(words: list[str], told: dict[str, str]) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=words, env=told, cwd="/")


async def batch(client: Client, call: tuple[str, dict[str, Any]], at_once: int, times: int) -> list[float]:
    """The seconds of each of `times` calls, `at_once` of them under way."""
    each = await asyncio.gather(*(one_after_another(client, call, times // at_once) for _caller in range(at_once)))
    return [seconds for caller in each for seconds in caller]


async def one_after_another(client: Client, call: tuple[str, dict[str, Any]], times: int) -> list[float]:
    seconds: list[float] = []
    for _call in range(times):
        began = time.perf_counter()
        answer = await client.call_tool(*call)
        seconds.append(time.perf_counter() - began)
        if answer.is_error:
            raise SystemExit(f"{call[0]} was refused: {answer.content}")
    return seconds


def row(name: str, seconds: list[float], spent: float, at_once: int) -> str:
    figures = (1000 * median(seconds), 1000 * quantiles(seconds, n=100)[-1], len(seconds) / spent)
    return f"| {name} | {at_once} | {len(seconds)} | {figures[0]:.2f} | {figures[1]:.2f} | {figures[2]:.0f} |"


if __name__ == "__main__":
    main()
