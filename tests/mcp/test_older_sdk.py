"""A host built on the SDK of the 1.x line works with the server as it stands, and asks its user what it is to ask."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import make, services
from tests.mcp.conftest import token_of
from vela.db import Database
from vela.mcp.prompts import ready
from vela.mcp.tools import TOOLS

HOST = Path(__file__).with_name("older_host.py")
SERVER = services.PROJECT / "mcp_server.py"
SECONDS = 60


@pytest.mark.parametrize(("answer", "left"), [("accept", 1), ("decline", 2)])
def test_a_host_of_the_older_sdk_lists_reads_calls_and_asks(
    database: Database, database_url: str, tmp_path: Path, answer: str, left: int
) -> None:
    python = services.older_host()
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        offer = make.offer(session, "Atlas", ("HDD", 600, 1000), ("RAM", 300, 500))
        ram = offer.components[1].id
    environment = {
        "VELA_API_TOKEN": token_of(database, "nadia"),
        "VELA_DATA_DIR": str(tmp_path),
        "VELA_DATABASE_URL": database_url,
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_pnl", {"month": "2026-11"}),
        ("get_service", {"service_id": 99}),
        ("delete_component", {"component_id": ram}),
        ("get_service", {"service_id": offer.id}),
    ]
    said = {"python": sys.executable, "server": str(SERVER), "environment": environment, "answer": answer}
    ended = subprocess.run(
        [python, HOST],
        input=json.dumps(said | {"calls": calls}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    assert told["version"] < "2026"
    assert (told["tools"], told["prompts"]) == (list(TOOLS), list(ready()))
    assert told["resource"]["services"][0]["name"] == "Atlas"
    profit, missing, deleted, after = told["results"]
    assert (profit["isError"], profit["content"]["opex"]) == (False, 800)
    assert (missing["isError"], missing["content"]["existing_ids"]) == (True, [offer.id])
    assert deleted["isError"] is (answer == "decline")
    assert len(told["asked"]) == 1
    assert len(after["content"]["components"]) == left
