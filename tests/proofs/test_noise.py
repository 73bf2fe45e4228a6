"""Nonsense on its input neither ends the agents' server nor puts anything but messages on its output."""

from pathlib import Path

from tests.proofs.noise import tell_nonsense
from tests.proofs.service import admin_token

LINES = 2000
MOST_GROWTH_KIB = 32 * 1024


def test_nonsense_is_answered_in_messages_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/vela.db"
    environment = {"VELA_API_TOKEN": admin_token(url), "VELA_DATABASE_URL": url, "VELA_DATA_DIR": str(tmp_path)}
    found = tell_nonsense(environment, LINES, tmp_path / "log")
    assert found.answers >= found.calls
    assert found.grown_kib < MOST_GROWTH_KIB
