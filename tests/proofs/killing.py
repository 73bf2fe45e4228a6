"""Killing the program again and again while people write, starting it again, and counting what is left."""

# ruff: noqa: S311 chance decides what is tried, and hides nothing

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests.proofs.counting import are_proven, count
from tests.proofs.service import Service, admin_token, serving
from tests.proofs.writing import Crowd

WHOM = ("group", "worker", "master")
WRITERS = 8
QUIET_SECONDS, LONGEST_ROUND_SECONDS, LONGEST_ORPHANS_SECONDS = 0.15, 0.9, 0.4
MOST_RECOVERY_SECONDS = 30


@dataclass
class Kills:
    """What a loop of kills came to."""

    kills: Counter[str] = field(default_factory=Counter[str])
    recoveries: list[float] = field(default_factory=list[float])
    statuses: Counter[int | None] = field(default_factory=Counter[int | None])
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    silences: int = 0
    replays: int = 0

    def __str__(self) -> str:
        slowest, typical = max(self.recoveries), sorted(self.recoveries)[len(self.recoveries) // 2]
        kills = ", ".join(f"{count} {whom}" for whom, count in sorted(self.kills.items()))
        verbs = ", ".join(f"{count} {verb}" for verb, count in self.acknowledged.items())
        return (
            f"{self.kills.total()} kills ({kills}); {sum(self.acknowledged.values())} acknowledged ({verbs}), "
            f"{self.silences} unanswered, {self.replays} sent again: 0 lost, 0 doubled; "
            f"recovery {typical:.1f} s, {slowest:.1f} s at most"
        )


def kill_loop(folder: Path, url: str, kills: int, writers: int = WRITERS) -> Kills:
    """Kill `kills` times. Raises AssertionError for whatever was lost, doubled, made up, or answered with a fault."""
    found = Kills()
    token = admin_token(url)
    with serving(folder, url) as service:
        crowd = Crowd(service.port, token, writers)
        for whom in islice(cycle(WHOM), kills):
            crowd.begin()
            crowd.wait_for_each_verb()
            time.sleep(QUIET_SECONDS + random.random() * LONGEST_ROUND_SECONDS)
            found.recoveries.append(kill(service, whom))
            found.kills[whom] += 1
            time.sleep(QUIET_SECONDS)
            news = crowd.end()
            found.silences += sum(request.status is None for request in news)
            found.replays += crowd.send_again(news)
        found.statuses = crowd.statuses()
        found.acknowledged = count(service, crowd.sent)
        are_proven(service)
        service.stop()
    assert all(status is not None and (status < 500 or status == 503) for status in found.statuses), found.statuses
    assert max(found.recoveries) < MOST_RECOVERY_SECONDS
    return found


def kill(service: Service, whom: str) -> float:
    """Kill `whom`; returns the seconds from then until it answers again, on its own or after a new start."""
    began = time.monotonic()
    if whom == "worker":
        service.kill_worker()
        service.wait_for_answer()
        return time.monotonic() - began
    if whom == "master":
        service.kill_master(random.random() * LONGEST_ORPHANS_SECONDS)
    else:
        service.kill_group()
    return service.start()
