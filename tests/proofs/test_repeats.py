"""A sale that is sent three times, two of them at the same moment and one after a restart, is recorded once."""

from pathlib import Path

from tests.proofs.repeating import repeat

PAIRS = 25


def test_what_is_sent_three_times_is_done_once(bare_url: str, tmp_path: Path) -> None:
    assert repeat(tmp_path, bare_url, PAIRS).keys == PAIRS
