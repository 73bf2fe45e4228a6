"""The entries that a person pastes into their agent's host are read by that host as what was meant."""

import json
import shlex
import subprocess
import sys
from itertools import pairwise

import yaml

from vela.mcp.registration import (
    claude_command,
    hermes_yaml,
    registration,
    registration_over_http,
    servers_json,
)

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


def test_the_command_for_claude_code_reads_back_as_given() -> None:
    words = shlex.split(claude_command(PYTHON, SCRIPT, ENVIRONMENT))
    name = words.index("vela-platform")
    assert words[:3] == ["claude", "mcp", "add"]
    assert [value for option, value in pairwise(words) if option == "--env"] == [
        f"{name}={value}" for name, value in ENVIRONMENT.items()
    ]
    assert words[name - 2 : name] == ["--scope", "user"]
    assert words[name:] == ["vela-platform", "--", PYTHON, SCRIPT]


def test_all_are_shown_together() -> None:
    shown = registration(PYTHON, SCRIPT, ENVIRONMENT)
    assert claude_command(PYTHON, SCRIPT, ENVIRONMENT) in shown
    assert hermes_yaml(PYTHON, SCRIPT, ENVIRONMENT) in shown
    assert servers_json(PYTHON, SCRIPT, ENVIRONMENT) in shown


def test_what_agents_of_other_machines_paste_reads_back_as_given() -> None:
    url, token = "https://vela.example.com/mcp", 'vela_pat_"odd": é'
    hermes, claude, others = registration_over_http(url, token).split("# ")[1:]
    header = {"Authorization": f"Bearer {token}"}
    entry = yaml.safe_load(hermes.partition("\n")[2])["mcp_servers"]["vela-platform"]
    assert entry == {"url": url, "headers": header, "timeout": 60}
    words = shlex.split(claude.partition("\n")[2])
    assert words[-4:] == ["vela-platform", url, "--header", f"Authorization: Bearer {token}"]
    assert words[3:5] == ["--transport", "http"]
    entry = json.loads(others.partition("\n")[2])["mcpServers"]["vela-platform"]
    assert entry == {"type": "http", "url": url, "headers": header}


def test_showing_it_needs_neither_the_web_nor_the_mcp_library() -> None:
    asks = "import sys, vela.mcp.registration; print(sorted({'mcp', 'flask', 'sqlalchemy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
