"""Cutting the power: after each cut the disk holds what was synced, and half of the time a torn end besides."""

# ruff: noqa: S311 chance decides what is tried, and hides nothing

import random
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.proofs.counting import are_proven, count
from tests.proofs.service import Service, admin_token
from tests.proofs.writing import Crowd

SOURCE = Path(__file__).with_name("power.c")
WRITERS, SECTOR = 6, 512
SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 1.0


@dataclass
class Cuts:
    """What a series of cuts came to."""

    cuts: int = 0
    torn: int = 0
    recoveries: list[float] = field(default_factory=list[float])
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])

    def __str__(self) -> str:
        return (
            f"{self.cuts} cuts, {self.torn} with a torn end; {sum(self.acknowledged.values())} acknowledged: 0 lost, "
            f"0 doubled, the file whole each time; back after {max(self.recoveries):.1f} s at most"
        )


def shim(folder: Path) -> Path:
    """The compiled library that keeps what is synced; without a compiler the asking test is skipped."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("No C compiler: the power was not cut. On Debian: apt install gcc.")
    library = folder / "power.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def cut_power(folder: Path, cuts: int) -> Cuts:
    """Cut `cuts` times. Raises AssertionError for what was acknowledged and is not there, or is there twice."""
    data, shadow = folder / "data", folder / "shadow"
    for each in (data, shadow):
        each.mkdir()
    url = f"sqlite:///{data}/vela.db"
    token = admin_token(url)
    shutil.copy(data / "vela.db", shadow)
    more = {"LD_PRELOAD": str(shim(folder)), "WATCHED": str(data / "vela.db"), "SHADOW": str(shadow)}
    found, service = Cuts(), Service(data, url, more)
    crowd = Crowd(service.port, token, WRITERS)
    service.start()
    try:
        for number in range(cuts):
            crowd.begin()
            time.sleep(random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
            service.kill_group()
            lose_power(data, shadow, found, is_torn=number % 2 == 1)
            found.recoveries.append(service.start())
            crowd.send_again(crowd.end())
        found.acknowledged = count(service, crowd.sent)
        are_proven(service)
    finally:
        service.end()
    return found


def lose_power(data: Path, shadow: Path, found: Cuts, *, is_torn: bool) -> None:
    """Put what was synced in place of what was written; a torn end is part of a commit that was never acknowledged."""
    found.cuts += 1
    written = (data / "vela.db-wal").read_bytes() if (data / "vela.db-wal").exists() else b""
    for path in data.glob("vela.db*"):
        path.unlink()
    for name in ("vela.db", "vela.db-wal"):
        if (shadow / name).exists():
            shutil.copy(shadow / name, data)
    log = data / "vela.db-wal"
    synced = log.read_bytes() if log.exists() else b""
    if is_torn:
        rest = written[len(synced) :] or random.randbytes(random.randrange(1, 17) * SECTOR)
        found.torn += 1
        log.write_bytes(synced + rest[: random.randrange(len(rest) // SECTOR + 1) * SECTOR])
