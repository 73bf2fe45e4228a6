"""At length: pairs of equal requests at the same moment, sent again after a restart, counted key by key."""

from pathlib import Path

from tests.long.conftest import Tell, times
from tests.long.test_real_programs import name_of
from tests.proofs.repeating import repeat


def test_pairs(bare_url: str, tmp_path: Path, tell: Tell) -> None:
    tell(f"Requests sent twice, {name_of(bare_url)}", repeat(tmp_path, bare_url, times("VELA_PROVE_PAIRS", 1000)))
