"""Many who raise the same price at the same moment, each by one centime on top of what they read."""

from dataclasses import dataclass
from pathlib import Path

from tests.proofs.counting import are_proven, count
from tests.proofs.service import admin_token, serving
from tests.proofs.writing import Crowd, Habit

EDITORS = 8


@dataclass(frozen=True)
class Race:
    """What a race came to."""

    asked: int
    acknowledged: int
    conflicts: int

    def __str__(self) -> str:
        return (
            f"{self.asked} edits of one cell by {EDITORS} editors; {self.acknowledged} acknowledged, each in the price "
            f"and once in the trail; {self.conflicts} told of a conflict; 0 lost"
        )


def race(folder: Path, url: str, edits: int) -> Race:
    """Let each editor try `edits` times. Raises AssertionError for an edit that was lost, or taken twice."""
    token = admin_token(url)
    with serving(folder, url) as service:
        crowd = Crowd(service.port, token, EDITORS, Habit({"reprice": 1}, (1,), edits))
        crowd.begin()
        sent = crowd.wait()
        acknowledged = count(service, sent)["reprice"]
        are_proven(service)
        service.stop()
    statuses = crowd.statuses()
    assert set(statuses) == {200, 412}, statuses
    return Race(len(sent), acknowledged, statuses[412])
