"""Room for the figures of several processes: taken before anybody is served, and done without where there is none."""

import os
from pathlib import Path

import pytest

from vela.cli.serving import FIGURES, FIGURES_BYTES, _make_room


def test_room_is_taken_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIGURES, str(tmp_path))
    _make_room(str(tmp_path))
    taken = {each.name: each.stat().st_blocks * 512 for each in tmp_path.iterdir()}
    assert set(taken) == {f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram")}
    assert min(taken.values()) >= FIGURES_BYTES
    assert os.environ[FIGURES] == str(tmp_path)


def test_without_room_a_process_counts_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIGURES, str(tmp_path / "gone"))
    _make_room(str(tmp_path / "gone"))
    assert FIGURES not in os.environ
