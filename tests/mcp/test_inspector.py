"""The MCP Inspector, a client that others wrote, lists and calls every tool of the registered server."""

import json
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
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_pnl", {"month": "2026-11"}),
    ("get_services", {"include_inactive": True}),
    ("get_service", {"service_id": 1}),
    ("get_dashboard", {}),
    ("what_if", {"cost_change_pct": 10, "only": "RAM"}),
    ("add_component", {"service_id": 1, "name": "SSD", "unit_cost": 19.99, "unit_sell": "30.5"}),
    ("update_component", {"component_id": 1, "unit_cost": 330, "version": 1}),
    ("delete_component", {"component_id": 1, "version": 2}),
    ("add_transaction", {"service_id": 1, "quantity": 2, "month": "2026-11"}),
]


class Inspector:
    """The Inspector's command line on the entry that a person would paste into a host."""

    def __init__(self, program: str, config: Path, era: str) -> None:
        self.start = [program, "--cli", "--config", str(config), "--server", NAME, "--protocol-era", era]

    def ask(self, *words: str) -> tuple[int, Any]:
        """The exit status, and what it printed, understood."""
        command = [*self.start, *words, "--format", "json"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return ended.returncode, json.loads(ended.stdout)["result"] if ended.returncode in (0, IS_ERROR) else ended

    def call(self, tool: str, words: dict[str, Any]) -> tuple[int, Any]:
        return self.ask("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(words))


@pytest.fixture(params=["legacy", "modern"])
def inspector(request: pytest.FixtureRequest, database: Database, database_url: str, tmp_path: Path) -> Inspector:
    program = services.inspector_path()
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.offer(session, "Atlas", ("RAM (16GB)", 300, 500))
    environment = {
        "VELA_API_TOKEN": token_of(database, "nadia"),
        "VELA_DATA_DIR": str(tmp_path),
        "VELA_DATABASE_URL": database_url,
    }
    config = tmp_path / "hosts.json"
    config.write_text(servers_json(sys.executable, str(SERVER), environment))
    return Inspector(program, config, request.param)


@pytest.mark.inspector
def test_the_inspector_finds_no_fault_in_the_schemas_and_can_call_everything(inspector: Inspector) -> None:
    status, listed = inspector.ask("--method", "tools/list", "--strict")
    assert status == 0
    assert [tool["name"] for tool in listed["tools"]] == list(TOOLS) == [tool for tool, _words in CALLS]
    for tool, words in CALLS:
        status, answer = inspector.call(tool, words)
        assert (status, answer["isError"]) == (0, False), (tool, answer)
    status, answer = inspector.call("update_component", {"component_id": 2, "unit_prize": 1})
    assert (status, answer["structuredContent"]["errors"][0]["pointer"]) == (IS_ERROR, "#/unit_prize")


@pytest.mark.inspector
def test_the_inspector_reads_every_resource(inspector: Inspector) -> None:
    for uri in ("vela://pnl/current", "vela://services", "vela://services/1"):
        status, read = inspector.ask("--method", "resources/read", "--uri", uri)
        assert status == 0
        assert json.loads(read["contents"][0]["text"])
    status, _ended = inspector.ask("--method", "resources/read", "--uri", "vela://services/9")
    assert status == 1
