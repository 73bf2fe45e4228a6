"""At length: nonsense said to the agents' server."""

from pathlib import Path

from tests.long.conftest import Tell, times
from tests.proofs.noise import tell_nonsense
from tests.proofs.service import admin_token


def test_noise(tmp_path: Path, tell: Tell) -> None:
    url = f"sqlite:///{tmp_path}/vela.db"
    environment = {"VELA_API_TOKEN": admin_token(url), "VELA_DATABASE_URL": url, "VELA_DATA_DIR": str(tmp_path)}
    found = tell_nonsense(environment, times("VELA_PROVE_LINES", 100_000), tmp_path / "log")
    tell("Nonsense for the agents' server", found)
