"""The ready-to-paste entries by which an agent's host starts Vela's MCP server, or finds it over HTTP."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from vela.language import gettext as _

NAME = "vela-platform"
CALL_SECONDS = 60


def registration(python: str, script: str, environment: Mapping[str, str]) -> str:
    """Entries for Hermes Agent (YAML), Claude Code (a command) and hosts that read `mcpServers` (JSON), under headings.

    `python` and `script` are absolute paths, because a host starts the command from its own directory;
    `environment` is all that the server will see of it, so it holds VELA_API_TOKEN and where the data is.
    """
    hermes = _("Hermes Agent, in ~/.hermes/config.yaml")
    code = _("Claude Code, in a terminal")
    others = _("Claude Desktop, Cursor and other hosts that read mcpServers")
    return "\n".join(
        [
            f"# {hermes}",
            hermes_yaml(python, script, environment),
            f"# {code}",
            claude_command(python, script, environment),
            f"# {others}",
            servers_json(python, script, environment),
        ]
    )


def registration_over_http(url: str, token: str) -> str:
    """The same for agents of other machines, which find the server at `url` and bring a personal token."""
    hermes = _("Hermes Agent, in ~/.hermes/config.yaml")
    code = _("Claude Code, in a terminal")
    others = _("Cursor and other hosts that read mcpServers")
    entry = {"type": "http", "url": url, "headers": {"Authorization": f"Bearer {token}"}}
    return "\n".join(
        [
            f"# {hermes}",
            _hermes_over_http(url, token),
            f"# {code}",
            _claude_over_http(url, token),
            f"# {others}",
            _entry_json(entry),
        ]
    )


def _hermes_over_http(url: str, token: str) -> str:
    lines = [
        "mcp_servers:",
        f"  {NAME}:",
        f"    url: {_quoted(url)}",
        "    headers:",
        f"      Authorization: {_quoted(f'Bearer {token}')}",
        f"    timeout: {CALL_SECONDS}",
    ]
    return "\n".join(lines) + "\n"


def _claude_over_http(url: str, token: str) -> str:
    """`--header` takes as many words as follow it, so it stands last."""
    options = ["--transport", "http", "--scope", "user"]
    return (
        shlex.join(["claude", "mcp", "add", *options, NAME, url, "--header", f"Authorization: Bearer {token}"]) + "\n"
    )


def hermes_yaml(python: str, script: str, environment: Mapping[str, str]) -> str:
    """The entry for Hermes Agent's config.yaml."""
    variables = [f"      {name}: {_quoted(value)}" for name, value in environment.items()]
    lines = [
        "mcp_servers:",
        f"  {NAME}:",
        f"    command: {_quoted(python)}",
        f"    args: [{_quoted(script)}]",
        *(["    env:", *variables] if variables else []),
        f"    timeout: {CALL_SECONDS}",
    ]
    return "\n".join(lines) + "\n"


def claude_command(python: str, script: str, environment: Mapping[str, str]) -> str:
    """The command that registers the server with Claude Code for all folders of its user.

    `--env` takes as many words as follow it, so another option stands between it and the name.
    """
    variables = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    options = [*variables, "--transport", "stdio", "--scope", "user"]
    return shlex.join(["claude", "mcp", "add", *options, NAME, "--", python, script]) + "\n"


def servers_json(python: str, script: str, environment: Mapping[str, str]) -> str:
    """The `mcpServers` object that most other hosts read."""
    return _entry_json({"command": python, "args": [script], "env": dict(environment)})


def _entry_json(entry: Mapping[str, Any]) -> str:
    return json.dumps({"mcpServers": {NAME: dict(entry)}}, indent=2, ensure_ascii=False) + "\n"


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar; a JSON string is one."""
    return json.dumps(text)
