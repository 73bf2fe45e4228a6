"""Breaking the disk under people who write, and mending it: refused with 503 meanwhile, and right afterwards."""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.proofs.counting import are_proven, count
from tests.proofs.faults import failing, injected
from tests.proofs.service import Service, admin_token, children, serving
from tests.proofs.writing import Client, Crowd, sale

WRITERS = 4
FAULT_SECONDS, HEAL_SECONDS, LOOK_SECONDS = 20.0, 20.0, 0.02


@dataclass(frozen=True)
class Fault:
    """Which calls do what: `what` as strace's `inject` says it, such as error=ENOSPC:when=3."""

    calls: str
    what: str


@dataclass
class Faults:
    """What a series of faults came to."""

    points: int = 0
    injected: int = 0
    refused: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    healed: list[float] = field(default_factory=list[float])
    silent_points: list[Fault] = field(default_factory=list[Fault])

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.injected} calls failed; {sum(self.acknowledged.values())} acknowledged, "
            f"{self.refused} refused with 503, none otherwise: 0 lost, 0 doubled; healed alone each time, "
            f"after {max(self.healed):.1f} s at most"
        )


def break_disk(folder: Path, faults: Iterable[Fault], writers: int = WRITERS) -> Faults:
    """Try each fault. Raises AssertionError for what was lost or doubled, an answer of 500, or an ill service."""
    database = folder / "vela.db"
    url = f"sqlite:///{database}"
    found = Faults()
    token = admin_token(url)
    with serving(folder, url) as service:
        crowd = Crowd(service.port, token, writers)
        for fault in faults:
            found.points += 1
            crowd.begin()
            calls = suffer(service, database, fault)
            found.injected += calls
            if not calls:
                found.silent_points.append(fault)
            found.healed.append(seconds_to_heal(service, token, crowd))
            news = crowd.end()
            statuses = Counter(request.status for request in news)
            assert all(status is not None and (status < 500 or status == 503) for status in statuses), (fault, statuses)
            found.refused += statuses[503]
            crowd.send_again(news)
        found.acknowledged = count(service, crowd.sent)
        are_proven(service)
        service.stop()
    assert "Traceback" not in service.log.read_text()
    return found


def suffer(service: Service, database: Path, fault: Fault) -> int:
    """Let a fault last until it was met, and a little; returns how many calls it met."""
    [worker] = children(service.process.pid)
    with failing(worker, database, fault.calls, fault.what) as log:
        until = time.monotonic() + FAULT_SECONDS
        while not injected(log) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        time.sleep(5 * LOOK_SECONDS)
    return injected(log)


def seconds_to_heal(service: Service, token: str, crowd: Crowd) -> float:
    """How long after the fault it takes until a sale is recorded again. Raises AssertionError when it is not."""
    began = time.monotonic()
    with closing(Client(service.port, token)) as client:
        while time.monotonic() < began + HEAL_SECONDS:
            request = sale()
            assert client.send(request), service.log.read_text()[-3000:]
            crowd.sent.append(request)
            if request.is_acknowledged:
                return time.monotonic() - began
            assert request.status == 503, request
            time.sleep(LOOK_SECONDS)
    raise AssertionError(f"No sale in {HEAL_SECONDS} seconds after the disk was whole again.")
