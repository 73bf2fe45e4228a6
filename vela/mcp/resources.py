"""The resources: what hosts can read without calling a tool, by address, each the answer of a tool."""

import re
from typing import Any

from mcp_types import Resource, ResourceTemplate

from vela.mcp.wording import resource_words

JSON = "application/json"
FIXED = {"vela://pnl/current": "get_pnl", "vela://services": "get_services"}
ONE_SERVICE = "vela://services/{id}"
ADDRESSES = (*FIXED, ONE_SERVICE)
_ONE_SERVICE = re.compile(r"vela://services/([1-9][0-9]{0,14})")


def listed(currency: str) -> list[Resource]:
    """The resources with a fixed address."""
    words = resource_words(currency)
    return [
        Resource(
            uri=uri, name=uri.removeprefix("vela://"), title=words[uri][0], description=words[uri][1], mime_type=JSON
        )
        for uri in FIXED
    ]


def templates(currency: str) -> list[ResourceTemplate]:
    """The resources with an id in their address."""
    title, description = resource_words(currency)[ONE_SERVICE]
    return [
        ResourceTemplate(uri_template=ONE_SERVICE, name="service", title=title, description=description, mime_type=JSON)
    ]


def found(uri: str) -> tuple[str, dict[str, Any]] | None:
    """The tool that answers the resource at `uri`, and its arguments; None when there can be no such resource."""
    if uri in FIXED:
        return FIXED[uri], {}
    service = _ONE_SERVICE.fullmatch(uri)
    return ("get_service", {"service_id": int(service[1])}) if service else None
