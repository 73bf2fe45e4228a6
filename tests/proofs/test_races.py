"""Of many who change one price at the same moment, each either has changed it or is told that another was quicker."""

from pathlib import Path

from tests.proofs.racing import EDITORS, race

EDITS = 15


def test_no_edit_of_one_cell_vanishes(bare_url: str, tmp_path: Path) -> None:
    found = race(tmp_path, bare_url, EDITS)
    assert found.asked == EDITORS * EDITS
    assert found.acknowledged
    assert found.conflicts
