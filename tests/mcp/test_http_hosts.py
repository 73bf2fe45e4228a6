"""Hosts that others wrote, on the server over HTTP: one on the SDK of the 1.x line, and the MCP Inspector."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import make, services
from tests.mcp.conftest import token_of
from tests.mcp.served import Served, environment, serving
from vela.db import Database
from vela.mcp.tools import TOOLS

OLDER = Path(__file__).with_name("older_host.py")
SECONDS = 120
ENVIRONMENT = os.environ | {"MCP_INSPECTOR_SECRET_STORE": "memory"}


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
    return token_of(database, "nadia")


@pytest.fixture
def served(database_url: str, tmp_path: Path, token: str) -> Iterator[Served]:
    with serving(environment(tmp_path, database_url), tmp_path / "log") as found:
        yield found


def test_a_host_of_the_older_sdk_lists_reads_calls_and_asks(served: Served, token: str) -> None:
    python = services.older_host()
    for answer, component, left in (("decline", 1, 2), ("accept", 2, 1)):
        calls: list[tuple[str, dict[str, Any]]] = [
            ("get_pnl", {"month": "2026-11"}),
            ("get_service", {"service_id": 99}),
            ("delete_component", {"component_id": component}),
            ("get_service", {"service_id": 1}),
        ]
        said = {"url": served.url, "headers": {"Authorization": f"Bearer {token}"}, "answer": answer, "calls": calls}
        ended = subprocess.run(
            [python, OLDER], input=json.dumps(said), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        told = json.loads(ended.stdout)
        assert told["version"] < "2026"
        assert told["tools"] == list(TOOLS)
        profit, missing, deleted, after = told["results"]
        assert (profit["isError"], profit["content"]["opex"]) == (False, 800)
        assert (missing["isError"], missing["content"]["existing_ids"]) == (True, [1])
        assert deleted["isError"] is (answer == "decline")
        assert len(told["asked"]) == 1
        assert len(after["content"]["components"]) == left


def test_the_inspector_lists_and_calls_in_both_eras(served: Served, token: str) -> None:
    program = services.node_program("mcp-inspector")
    for era in ("legacy", "modern"):
        for words in (
            ("--method", "tools/list", "--strict"),
            ("--method", "tools/call", "--tool-name", "get_services"),
        ):
            header = f"Authorization: Bearer {token}"
            told = [*program, "--cli", served.url, "--transport", "http", "--header", header, "--protocol-era", era]
            ended = subprocess.run(
                [*told, *words, "--format", "json"],
                env=ENVIRONMENT, capture_output=True, text=True, timeout=SECONDS, check=False,
            )  # fmt: skip
            assert ended.returncode == 0, ended.stderr
            result = json.loads(ended.stdout)["result"]
            if "tools" in result:
                assert [tool["name"] for tool in result["tools"]] == list(TOOLS)
            else:
                assert result["structuredContent"]["services"][0]["name"] == "Atlas"
