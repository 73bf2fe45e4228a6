"""The log where somebody else serves Vela: another server that imports `wsgi.py`, and handlers that are not ours."""

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from vela import events

ROOT = Path(__file__).resolve().parent.parent.parent
CANARY = "canary-7d20b4"
SERVER = f"""
import sys
from flask import request
from vela import schema
from vela.db import Database
import wsgi

def fails():
    raise ValueError(f"cannot use {{request.json!r}}, {{request.headers['Authorization']}}")

endpoint, _ = wsgi.app.url_map.bind("").match("/api/auth/login", method="POST")
wsgi.app.view_functions[endpoint] = fails
schema.upgrade(wsgi.app.extensions["vela"].database)
answer = wsgi.app.test_client().post(
    "/api/auth/login", json={{"password": "{CANARY}-typed"}}, headers={{"Authorization": "Bearer {CANARY}-token"}}
)
print(answer.status_code, answer.json["fault"])
"""


def test_a_fault_under_another_server_is_told_in_our_lines_without_what_was_sent(tmp_path: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("VELA_")}
    ended = subprocess.run(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=variables | {"VELA_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    status, code = ended.stdout.split()
    assert status == "500"
    (line,) = [each for each in map(json.loads, ended.stderr.splitlines()) if each["event"] == "fault"]
    assert line["code"] == code
    assert "in fails" in line["traceback"]
    assert "ValueError" in line["traceback"]
    assert CANARY not in ended.stderr


def test_no_handler_is_handed_what_a_request_brought() -> None:
    stream, logger = io.StringIO(), logging.getLogger("vela")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    try:
        try:
            raise ValueError(f"cannot use {CANARY}-typed, vela_pat_{CANARY}")
        except ValueError as error:
            code = events.fault(error, "POST /offers", [f"{CANARY}-typed"])
    finally:
        logger.removeHandler(handler)
    assert code in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert CANARY not in stream.getvalue()
