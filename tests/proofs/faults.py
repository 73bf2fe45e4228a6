"""A disk that is full or broken: calls of a running service to the system fail, by strace, for as long as is wanted."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

WRITES, SYNCS = "pwrite64,write,ftruncate", "fdatasync,fsync"
ATTACH_SECONDS = 20


@contextmanager
def failing(process: int, database: Path, calls: str, what: str) -> Iterator[Path]:
    """Let `calls` on the files of a database do `what` (as strace's `inject` says it) while the block lasts.

    Yields the log, in which every such call is a line that ends in "(INJECTED)" or "(DELAYED)". strace counts the calls
    of each thread for itself.
    """
    log = database.with_name("strace.log")
    log.unlink(missing_ok=True)
    paths = [word for each in (database, f"{database}-wal", f"{database}-journal") for word in ("-P", str(each))]
    command = ["strace", "-f", "-qq", "-o", str(log), "-p", str(process), *paths]
    command += ["-e", f"trace={calls}", "-e", f"inject={calls}:{what}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracer:
        until = time.monotonic() + ATTACH_SECONDS
        while not all_traced(process):
            assert tracer.poll() is None, tracer.stderr.read() if tracer.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.005)
        try:
            yield log
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(ATTACH_SECONDS)


def all_traced(process: int) -> bool:
    """Whether a tracer holds every thread of a process."""
    threads = list(Path(f"/proc/{process}/task").iterdir())
    return all("TracerPid:\t0\n" not in (thread / "status").read_text() for thread in threads)


def injected(log: Path) -> int:
    """How many calls have failed, or waited, so far."""
    text = log.read_text() if log.exists() else ""
    return text.count("(INJECTED)") + text.count("(DELAYED)")


def strace_or_skip() -> None:
    """Skip the asking test where strace is missing or may not trace; the reason says which."""
    trouble = _trouble()
    if trouble:
        pytest.skip(trouble)


@cache
def _trouble() -> str:
    if shutil.which("strace") is None:
        return "No strace: faults of the disk were not tried. On Debian: apt install strace."
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
    tried = subprocess.Popen(
        [str(shutil.which("strace")), "-qq", "-o", os.devnull, "-p", str(sleeper.pid), "-e", "inject=fsync:error=EIO"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + ATTACH_SECONDS
    while tried.poll() is None and not all_traced(sleeper.pid) and time.monotonic() < until:
        time.sleep(0.01)
    refused = tried.poll() is not None
    tried.kill()
    said = tried.communicate()[1].strip()
    sleeper.kill()
    sleeper.wait()
    return f"strace may not trace here ({said}): faults of the disk were not tried." if refused else ""
