"""Sixteen clients who write and read at once, while backups are made and everything is listed."""

# ruff: noqa: S311 chance decides what is asked, and hides nothing

import random
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread

from tests.proofs.counting import are_proven, count
from tests.proofs.service import MONTH, Service, admin_token, serving
from tests.proofs.writing import Client, Crowd, Request

WRITERS, READERS = 8, 7
PATHS = (
    "/api/services",
    "/api/dashboard",
    f"/api/pnl?month={MONTH}",
    f"/api/transactions?month={MONTH}",
    "/api/expenses",
)
EVERYTHING = ("/api/transactions?include_voided=true",)
REST_SECONDS = 0.1


class Reader(Thread):
    """Somebody who looks at one thing after the other until told to end."""

    def __init__(self, port: int, token: str, ended: Event, paths: tuple[str, ...] = PATHS) -> None:
        super().__init__(daemon=True)
        self._port, self._token, self._ended, self._paths = port, token, ended, paths
        self.sent: list[Request] = []

    def run(self) -> None:
        with closing(Client(self._port, self._token)) as client:
            while not self._ended.is_set():
                request = Request("read", "GET", random.choice(self._paths))
                client.send(request)
                request.said = None  # nobody looks at it again, and a list of everything is long
                self.sent.append(request)


class Copier(Thread):
    """An operator who makes one backup after the other."""

    def __init__(self, service: Service, ended: Event) -> None:
        super().__init__(daemon=True)
        self._service, self._ended = service, ended
        self.made = 0
        self.complaints: list[str] = []

    def run(self) -> None:
        while not self._ended.is_set():
            backup = self._service.command("backup")
            if backup.returncode:
                self.complaints.append(backup.stderr)
            self.made += 1
            self._ended.wait(REST_SECONDS)


@dataclass
class Load:
    """What a while of load came to."""

    seconds: float
    statuses: Counter[int | None]
    backups: int
    waits: list[float] = field(repr=False)
    acknowledged: dict[str, int]

    @property
    def p99(self) -> float:
        """The seconds within which 99 of 100 answers came."""
        return quantiles(self.waits, n=100)[-1]

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items(), key=str))
        return (
            f"{WRITERS + READERS + 1} clients for {self.seconds:.0f} s and {self.backups} verified backups meanwhile; "
            f"{len(self.waits)} answers ({statuses}), 99 % within {1000 * self.p99:.0f} ms, "
            f"the slowest after {1000 * max(self.waits):.0f} ms; {sum(self.acknowledged.values())} changes, all counted"
        )


def load(folder: Path, url: str, seconds: float) -> Load:
    """Sixteen clients for `seconds`. Raises AssertionError for an answer of 5xx, a missing one, or a lost change."""
    token, ended = admin_token(url), Event()
    with serving(folder, url) as service:
        crowd = Crowd(service.port, token, WRITERS)
        copier = Copier(service, ended)
        readers = [Reader(service.port, token, ended) for _ in range(READERS)]
        readers.append(Reader(service.port, token, ended, EVERYTHING))
        crowd.begin()
        for thread in (*readers, copier):
            thread.start()
        time.sleep(seconds)
        ended.set()
        sent = crowd.end()
        for thread in (*readers, copier):
            thread.join()
        acknowledged = count(service, sent)
        are_proven(service)
        service.stop()
    asked = [*sent, *(request for reader in readers for request in reader.sent)]
    assert copier.complaints == []
    statuses = Counter(request.status for request in asked)
    assert all(status is not None and status < 500 for status in statuses), statuses
    assert "locked" not in service.log.read_text()
    return Load(seconds, statuses, copier.made, [request.seconds for request in asked], acknowledged)
