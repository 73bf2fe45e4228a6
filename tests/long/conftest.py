"""What the long proofs share: they run when VELA_PROVE=1, as often as a variable says, and tell what they found."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Tell = Callable[[str, object], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    if os.environ.get("VELA_PROVE") != "1":
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="long; VELA_PROVE=1, or make prove"))


def times(variable: str, otherwise: int) -> int:
    """How often to try: what the environment says, or `otherwise`."""
    return int(os.environ.get(variable) or otherwise)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Writes a row of the table in docs/proofs.md once the proof has come to its end."""
    rows: list[str] = []
    yield lambda what, found: rows.append(f"| {what} | {found} |")
    sys.stdout.write("\n" + "\n".join(rows) + "\n")
