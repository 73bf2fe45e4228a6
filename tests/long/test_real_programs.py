"""At length: kills, faults of the disk, races and load, on the real program."""

from pathlib import Path

import pytest

from tests.long.conftest import Tell, times
from tests.proofs.breaking import Fault, break_disk
from tests.proofs.faults import SYNCS, WRITES, strace_or_skip
from tests.proofs.killing import kill_loop
from tests.proofs.loading import load
from tests.proofs.racing import race


def name_of(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL, 2 workers"


def test_kills(bare_url: str, tmp_path: Path, tell: Tell) -> None:
    tell(f"Kills, {name_of(bare_url)}", kill_loop(tmp_path, bare_url, times("VELA_PROVE_KILLS", 300), writers=16))


@pytest.mark.parametrize("calls", [WRITES, SYNCS])
def test_faults(tmp_path: Path, tell: Tell, calls: str) -> None:
    strace_or_skip()
    most = times("VELA_PROVE_FAULTS", 200)
    errors = ("ENOSPC", "EIO")
    faults = [Fault(calls, f"error={errors[when % 2]}:when={when}") for when in range(1, most + 1)]
    found = break_disk(tmp_path, faults, writers=8)
    tell(f"Faults in {calls}", f"{found}; {len(found.silent_points)} points were not reached in time")


def test_races(bare_url: str, tmp_path: Path, tell: Tell) -> None:
    tell(f"Race for one cell, {name_of(bare_url)}", race(tmp_path, bare_url, times("VELA_PROVE_EDITS", 200)))


def test_load(bare_url: str, tmp_path: Path, tell: Tell) -> None:
    tell(f"Load, {name_of(bare_url)}", load(tmp_path, bare_url, times("VELA_PROVE_SECONDS", 60)))
