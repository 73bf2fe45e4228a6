"""Killed at any moment, whole or in part, the program keeps each acknowledged change exactly once."""

from pathlib import Path

from tests.proofs.killing import WHOM, kill_loop

KILLS = len(WHOM)


def test_what_was_acknowledged_survives_every_kill_once(bare_url: str, tmp_path: Path) -> None:
    found = kill_loop(tmp_path, bare_url, KILLS)
    assert found.kills == dict.fromkeys(WHOM, 1)
    assert all(found.acknowledged.values()), found
    assert found.replays
