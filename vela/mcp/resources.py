"""The resources: what hosts can read without calling a tool, by address, each the answer of a tool."""

import re
from collections.abc import Mapping
from typing import Any

from mcp_types import Resource, ResourceTemplate

from vela.language import gettext as _
from vela.mcp.wording import resource_words
from vela.periods import MONTH_PATTERN

JSON = "application/json"
FIXED = {"vela://pnl/current": "get_pnl", "vela://services": "get_services"}
ONE_MONTH = "vela://pnl/{month}"
ONE_SERVICE = "vela://services/{id}"
REVISIONS = "vela://services/{id}/revisions"
TEMPLATES: Mapping[str, tuple[str, ...]] = {ONE_MONTH: ("month",), ONE_SERVICE: ("id",), REVISIONS: ("id",)}
"""The addresses with something to fill in, and what."""
ADDRESSES = (*FIXED, *TEMPLATES)
_NAMES = {ONE_MONTH: "pnl", ONE_SERVICE: "service", REVISIONS: "revisions"}
_MONTH = re.compile(f"vela://pnl/(?P<month>{MONTH_PATTERN})")
_SERVICE = re.compile(r"vela://services/(?P<id>[1-9][0-9]{0,14})(?P<revisions>/revisions)?")


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
    """The resources with an id or a month in their address."""
    words = resource_words(currency)
    return [
        ResourceTemplate(
            uri_template=uri, name=_NAMES[uri], title=words[uri][0], description=words[uri][1], mime_type=JSON
        )
        for uri in TEMPLATES
    ]


def found(uri: str) -> tuple[str, dict[str, Any]] | None:
    """The tool that answers the resource at `uri`, and its arguments; None when there can be no such resource."""
    if uri in FIXED:
        return FIXED[uri], {}
    if month := _MONTH.fullmatch(uri):
        return "get_pnl", {"month": month["month"]}
    if service := _SERVICE.fullmatch(uri):
        return "get_revisions" if service["revisions"] else "get_service", {"service_id": int(service["id"])}
    return None


def no_such() -> str:
    """What is said of an address that nothing is found under."""
    return _("There is no such resource. There are: %(addresses)s.", addresses=", ".join(ADDRESSES))
