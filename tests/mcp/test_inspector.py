"""The MCP Inspector, a client that others wrote, on the registered server: its strict lint, calls, and a load of them.

Few calls, because each starts the Inspector and the server anew; other tests call every tool.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import make, services
from tests.mcp.conftest import token_of
from vela.db import Database
from vela.mcp.registration import NAME, servers_json
from vela.mcp.tools import TOOLS

SERVER = Path(__file__).resolve().parent.parent.parent / "mcp_server.py"
IS_ERROR = 5
REQUESTS, AT_ONCE = 200, 4
ENVIRONMENT = os.environ | {"MCP_INSPECTOR_SECRET_STORE": "memory"}
PART = {"service_id": 1, "name": "SSD", "unit_cost": 19.99, "unit_sell": "30.5"}


class Inspector:
    """The Inspector's command line on the entry that a person would paste into a host."""

    def __init__(self, config: Path, era: str) -> None:
        program = services.node_program("mcp-inspector")
        self.start = [*program, "--cli", "--config", str(config), "--server", NAME, "--protocol-era", era]

    def ask(self, *words: str) -> tuple[int, Any]:
        """The exit status, and what it printed, understood."""
        command = [*self.start, *words, "--format", "json"]
        ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode in (0, IS_ERROR), ended.stderr
        return ended.returncode, json.loads(ended.stdout)["result"]

    def call(self, tool: str, words: dict[str, Any]) -> tuple[int, Any]:
        return self.ask("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(words))


@pytest.fixture
def config(empty_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "vela.db"
    path.write_bytes(empty_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session, "Atlas", ("RAM (16GB)", 300, 500))
    environment = {"VELA_API_TOKEN": token_of(database, "nadia"), "VELA_DATA_DIR": str(tmp_path)}
    database.close()
    config = tmp_path / "hosts.json"
    config.write_text(servers_json(sys.executable, str(SERVER), environment))
    return config


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_finds_no_fault_in_the_schemas_and_can_call_a_tool(config: Path, era: str) -> None:
    inspector = Inspector(config, era)
    status, listed = inspector.ask("--method", "tools/list", "--strict")
    assert status == 0, listed
    assert [tool["name"] for tool in listed["tools"]] == list(TOOLS)
    status, answer = inspector.call("add_component", PART)
    assert (status, answer["isError"]) == (0, False), answer


def test_the_inspector_sees_a_mistake_as_one_and_reads_a_resource(config: Path) -> None:
    inspector = Inspector(config, "modern")
    status, answer = inspector.call("update_component", {"component_id": 1, "unit_prize": 1})
    assert (status, answer["structuredContent"]["errors"][0]["pointer"]) == (IS_ERROR, "#/unit_prize")
    status, read = inspector.ask("--method", "resources/read", "--uri", "vela://services/1")
    assert (status, json.loads(read["contents"][0]["text"])["name"]) == (0, "Atlas")


def test_a_load_of_calls_meets_no_failure(config: Path) -> None:
    words = ("--load", "--load-requests", str(REQUESTS), "--load-concurrency", str(AT_ONCE))
    status, load = Inspector(config, "modern").ask("--method", "tools/call", "--tool-name", "get_services", *words)
    assert (status, load["requests"], load["ok"]) == (0, REQUESTS, REQUESTS), load["errorMessages"]
