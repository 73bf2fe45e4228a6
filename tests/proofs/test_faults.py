"""On a disk that is full, broken or slow the program says 503, loses nothing, and heals alone."""

from pathlib import Path

from tests.proofs.breaking import Fault, break_disk
from tests.proofs.faults import SYNCS, WRITES, strace_or_skip

FAULTS = [
    Fault(calls, f"error={error}:when={when}")
    for calls in (WRITES, SYNCS)
    for error in ("ENOSPC", "EIO")
    for when in ("1", "2", "1+")
]
SLOW = Fault(SYNCS, "delay_enter=300000:when=1+")


def test_a_broken_disk_is_said_and_survived(tmp_path: Path) -> None:
    strace_or_skip()
    found = break_disk(tmp_path, [*FAULTS, SLOW])
    assert found.silent_points == []
    assert found.refused >= len(FAULTS) // 2
    assert all(found.acknowledged.values())
