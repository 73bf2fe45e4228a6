"""The ready-to-paste entries that make an agent's host start Vela's MCP server."""

import json
from collections.abc import Mapping
from typing import Any

from vela.language import gettext as _

NAME = "vela-platform"
CALL_SECONDS = 60


def registration(python: str, script: str, environment: Mapping[str, str]) -> str:
    """Entries for Hermes Agent (YAML) and for hosts that read `mcpServers` (JSON), each under its heading.

    `python` and `script` are absolute paths, because a host starts the command from its own directory;
    `environment` is all that the server will see of it, so it holds VELA_API_TOKEN and where the data is.
    """
    hermes = _("Hermes Agent, in ~/.hermes/config.yaml")
    others = _("Claude Desktop, Cursor and other hosts that read mcpServers")
    return "\n".join(
        [
            f"# {hermes}",
            hermes_yaml(python, script, environment),
            f"# {others}",
            servers_json(python, script, environment),
        ]
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


def servers_json(python: str, script: str, environment: Mapping[str, str]) -> str:
    """The `mcpServers` object that most other hosts read."""
    entry: dict[str, Any] = {"command": python, "args": [script], "env": dict(environment)}
    return json.dumps({"mcpServers": {NAME: entry}}, indent=2, ensure_ascii=False) + "\n"


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar; a JSON string is one."""
    return json.dumps(text)
