"""The entries that a person pastes into their agent's host are read by that host as what was meant."""

import json
import subprocess
import sys

import yaml

from vela.mcp.registration import hermes_yaml, registration, servers_json

PYTHON = "/opt/vela box/.venv/bin/python"
SCRIPT = "/opt/vela box/mcp_server.py"
ENVIRONMENT = {"VELA_API_TOKEN": 'vela_pat_"odd": #é', "VELA_DATA_DIR": "/var/lib/vela"}


def test_the_yaml_reads_back_as_given() -> None:
    entry = yaml.safe_load(hermes_yaml(PYTHON, SCRIPT, ENVIRONMENT))["mcp_servers"]["vela-platform"]
    assert entry == {"command": PYTHON, "args": [SCRIPT], "env": ENVIRONMENT, "timeout": 60}


def test_an_empty_environment_is_left_out_of_the_yaml() -> None:
    assert "env" not in yaml.safe_load(hermes_yaml(PYTHON, SCRIPT, {}))["mcp_servers"]["vela-platform"]


def test_the_json_reads_back_as_given() -> None:
    entry = json.loads(servers_json(PYTHON, SCRIPT, ENVIRONMENT))["mcpServers"]["vela-platform"]
    assert entry == {"command": PYTHON, "args": [SCRIPT], "env": ENVIRONMENT}


def test_both_are_shown_together() -> None:
    shown = registration(PYTHON, SCRIPT, ENVIRONMENT)
    assert hermes_yaml(PYTHON, SCRIPT, ENVIRONMENT) in shown
    assert servers_json(PYTHON, SCRIPT, ENVIRONMENT) in shown


def test_showing_it_needs_neither_the_web_nor_the_mcp_library() -> None:
    asks = "import sys, vela.mcp.registration; print(sorted({'mcp', 'flask', 'sqlalchemy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
