"""A real `vela serve` in a process group of its own, which can be killed in parts and started again."""

# ruff: noqa: S311 chance decides what is tried, and hides nothing

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests import make
from tests.ports import free_port
from vela import schema
from vela.db import Database
from vela.domain.people.intake import NewToken
from vela.domain.people.signins import create_token
from vela.intake import read
from vela.seeding import seed_essentials

PROGRAM = str(Path(sys.executable).with_name("vela"))
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.01
PARTS, MONTH = (("HDD", 600, 1000), ("RAM", 300, 500)), "2026-11"


def admin_token(url: str) -> str:
    """New books at `url` with an admin and an offer of two parts; returns the personal token of the admin."""
    database = Database(url)
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
        salma = make.user(session, "salma", role="admin")
        make.offer(session, "Atlas", *PARTS)
        _, secret = create_token(session, make.admin(), salma, read(NewToken, {"name": "Writers", "scope": "admin"}))
    database.close()
    return secret


@dataclass
class Service:
    """The program on the books at `url`, with `more` in its environment."""

    folder: Path
    url: str
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)

    @property
    def workers(self) -> int:
        return 1 if self.url.startswith("sqlite") else 2

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    @property
    def environment(self) -> dict[str, str]:
        """What the program sees of the world: nothing of ours but these."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "VELA_DATA_DIR": str(self.folder),
            "VELA_DATABASE_URL": self.url,
            "VELA_BIND": f"127.0.0.1:{self.port}",
            "VELA_WORKERS": str(self.workers),
            "VELA_API_RATE": "0",
            **self.more,
        }

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the program on the same books."""
        said = [PROGRAM, *words]
        return subprocess.run(
            said, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )

    def start(self) -> float:
        """Start it; returns the seconds until it answers."""
        began = time.monotonic()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve"], env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.wait_for_answer()
        return time.monotonic() - began

    def wait_for_answer(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert self.process.poll() is None, self.log.read_text()[-5000:]
            if self.answers():
                return
            assert time.monotonic() < until, self.log.read_text()[-5000:]
            time.sleep(LOOK_SECONDS)

    def answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with suppress(OSError, HTTPException), closing(connection):
            connection.request("GET", "/health")
            response = connection.getresponse()
            response.read()
            return response.status == 200
        return False

    def kill_group(self) -> None:
        """Kill every process at once, as losing the machine does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._bury()

    def end(self) -> None:
        """Kill whatever is left of it."""
        with suppress(ProcessLookupError):
            self.kill_group()

    def kill_master(self, orphaned: float) -> None:
        """Kill the one process that others stand under, and after `orphaned` seconds the rest, as systemd does."""
        os.kill(self.process.pid, signal.SIGKILL)
        time.sleep(orphaned)
        self.end()

    def kill_worker(self) -> None:
        """Kill one process that answers; another takes its place by itself."""
        workers = children(self.process.pid)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(random.choice(workers), signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit status."""
        os.kill(self.process.pid, signal.SIGTERM)
        status = self.process.wait(PATIENCE_SECONDS)
        self._bury()
        return status

    def _bury(self) -> None:
        self.process.wait(PATIENCE_SECONDS)
        until = time.monotonic() + PATIENCE_SECONDS
        while living_in(self.process.pid):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            assert time.monotonic() < until
            time.sleep(LOOK_SECONDS)


def children(process: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def living_in(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(int(path.parent.name))
    return found


@contextmanager
def serving(folder: Path, url: str, more: Mapping[str, str] | None = None) -> Iterator[Service]:
    """A service that answers, and whose processes are gone when the block ends, however it ends."""
    service = Service(folder, url, more or {})
    try:
        service.start()
        yield service
    finally:
        service.end()
