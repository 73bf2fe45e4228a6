"""At length: cuts of the power."""

from pathlib import Path

from tests.long.conftest import Tell, times
from tests.proofs.cutting import cut_power


def test_cuts(tmp_path: Path, tell: Tell) -> None:
    tell("Power cuts, SQLite", cut_power(tmp_path, times("VELA_PROVE_CUTS", 50)))
