"""Servers to measure: Vela as an operator starts it, and the bare view, each in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from vela.cli.serving import options
from vela.settings import Settings

VELA = str(Path(sys.executable).with_name("vela"))
BARE = str(Path(__file__).with_name("bare.py"))
PATIENCE_SECONDS = 60


def vela_command(port: int, folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    """How to start Vela on the books in `folder`: words and environment."""
    return [VELA, "serve"], {"VELA_BIND": f"127.0.0.1:{port}", "VELA_DATA_DIR": str(folder), "VELA_API_RATE": "0"}


def bare_command(port: int) -> tuple[Sequence[str], Mapping[str, str]]:
    """How to start the bare view with the same options of gunicorn."""
    served = options(Settings.from_environment({"VELA_BIND": f"127.0.0.1:{port}"}))
    told = {name: value for name, value in served.items() if name != "logger_class"}  # which is Vela's own
    return [sys.executable, BARE, json.dumps(told)], {}


@contextmanager
def started(port: int, command: tuple[Sequence[str], Mapping[str, str]]) -> Generator[float]:
    """A server that answers; yields the seconds from the start of its process to its first answer."""
    words, environment = command
    seen = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    began = time.perf_counter()
    server = subprocess.Popen(words, env=seen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_answer(server, port, began + PATIENCE_SECONDS)
        yield time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def _wait_for_answer(server: subprocess.Popen[bytes], port: int, until: float) -> None:
    while server.poll() is None and time.perf_counter() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
            break
        except ConnectionError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise SystemExit(f"{server.args} does not answer GET /health on port {port}")
