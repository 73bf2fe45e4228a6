"""The listing of every tool, kept in tools.json so that a change of what agents are told is seen in review.

Write it anew with: python -m tests.mcp.snapshot
"""

import json
from pathlib import Path
from typing import Any

from vela.mcp.tools import TOOLS

KEPT = Path(__file__).with_name("tools.json")


def listing() -> list[dict[str, Any]]:
    """Every tool as it goes over the wire, in the default currency."""
    return [tool.entry("MAD").model_dump(mode="json", by_alias=True, exclude_none=True) for tool in TOOLS.values()]


if __name__ == "__main__":
    KEPT.write_text(json.dumps(listing(), indent=2, ensure_ascii=False) + "\n")
