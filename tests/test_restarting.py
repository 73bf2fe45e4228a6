"""Restarts under load: the socket stays open between two servers, and every request that anybody sends is answered."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import make
from tests.test_serving import PROGRAM, STOP_SECONDS, command, environment
from vela.db import Database
from vela.domain.catalog import queries as catalog

CLIENTS = 8
RESTARTS = 3
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], [sys.argv[2], "serve"])
"""


class Handed:
    """A socket kept open as systemd keeps it, and the server it is handed to."""

    def __init__(self, seen: dict[str, str]) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self.socket.getsockname()[1]
        self.seen = seen | {"VELA_BIND": f"127.0.0.1:{self.port}", "VELA_LOG": "json"}
        self.log = Path(seen["HOME"]) / "log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start a server on the socket, which it finds as descriptor 3."""
        words = [sys.executable, "-c", HAND_OVER, str(self.socket.fileno()), PROGRAM]
        with self.log.open("a") as output:
            return subprocess.Popen(
                words, env=self.seen, stdout=output, stderr=output, pass_fds=[self.socket.fileno()], process_group=0
            )


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    assert server.wait(STOP_SECONDS * 3) == 0


class Client(threading.Thread):
    """Writes and reads without a pause, never twice the same, and keeps what was answered."""

    def __init__(self, port: int, token: str, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.headers, self.number, self.over = port, {"Authorization": f"Bearer {token}"}, number, over
        self.made: list[str] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        count = 0
        while not self.over.is_set():
            count += 1
            name = f"Offer {self.number} {count}"
            try:
                made = self.ask("POST", "/api/services", {"name": name, "components": []})
                if made == 201:
                    self.made.append(name)
                if made != 201 or self.ask("GET", "/api/auth/me") != 200:
                    self.wrong.append(f"{name}: {made}")
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(f"{name}: {error!r}")

    def ask(self, method: str, path: str, body: object = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, self.headers | {"Content-Type": "application/json"})
            with connection.getresponse() as response:
                response.read()
                return response.status
        finally:
            connection.close()


@contextmanager
def clients(port: int, token: str) -> Iterator[list[Client]]:
    over = threading.Event()
    crowd = [Client(port, token, number, over) for number in range(CLIENTS)]
    for each in crowd:
        each.start()
    try:
        yield crowd
    finally:
        over.set()
        for each in crowd:
            each.join(60)


def wait_for_more(crowd: list[Client], count: int) -> None:
    """Until every client has had `count` more answers."""
    wanted = [len(each.made) + count for each in crowd]
    pause = threading.Event()
    while any(len(each.made) < least and not each.wrong for each, least in zip(crowd, wanted, strict=True)):
        assert not pause.wait(0.05)


@pytest.fixture
def handed(tmp_path: Path) -> Iterator[Handed]:
    handed = Handed(environment(tmp_path))
    yield handed
    handed.socket.close()


def test_no_request_is_lost_when_the_server_is_restarted(handed: Handed, tmp_path: Path) -> None:
    assert command(handed.seen, "migrate").returncode == 0
    for words in (("user", "create", "salma", "--role", "admin", "--password-stdin"), ("token", "create", "salma")):
        made = command(
            handed.seen, *words, *(["--name", "clients"] if words[0] == "token" else []), typed=make.PASSWORD
        )
        assert made.returncode == 0, made.stderr
    server = handed.start()
    try:
        with clients(handed.port, made.stdout.strip()) as crowd:
            for _ in range(RESTARTS):
                wait_for_more(crowd, 3)
                stop(server)
                server = handed.start()
            wait_for_more(crowd, 3)
            server.send_signal(signal.SIGHUP)  # new workers take over from old ones
            wait_for_more(crowd, 3)
    finally:
        stop(server)
    assert [wrong for each in crowd for wrong in each.wrong] == [], handed.log.read_text()[-3000:]
    database = Database(f"sqlite:///{tmp_path}/data/vela.db")
    with database.reading() as session:
        names = sorted(service.name for service in catalog.services(session))
    database.close()
    assert names == sorted(name for each in crowd for name in each.made)
    assert len(names) >= CLIENTS * 3 * (RESTARTS + 2)


def test_figures_are_those_of_all_workers(handed: Handed, bare_url: str) -> None:
    if bare_url.startswith("sqlite"):
        handed.seen.pop("VELA_WORKERS", None)
    else:
        handed.seen["VELA_WORKERS"] = "3"
    handed.seen["VELA_DATABASE_URL"] = bare_url
    assert command(handed.seen, "migrate").returncode == 0
    server = handed.start()
    try:
        asker = Client(handed.port, "", 0, threading.Event())
        assert [asker.ask("GET", "/health/live") for _ in range(60)] == [200] * 60
        connection = http.client.HTTPConnection("127.0.0.1", handed.port, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
    finally:
        stop(server)
    assert 'vela_requests_total{method="GET",route="/health/live",status="200"} 60.0' in text
    events = [json.loads(line) for line in handed.log.read_text().splitlines()]
    assert len([line for line in events if line.get("route") == "/health/live"]) == 60


def test_a_socket_elsewhere_than_the_settings_say_is_refused(handed: Handed) -> None:
    assert command(handed.seen, "migrate").returncode == 0
    handed.seen["VELA_BIND"] = "127.0.0.1:1"
    server = handed.start()
    assert server.wait(60) == 1
    assert f"systemd listens on 127.0.0.1:{handed.port} and VELA_BIND says 127.0.0.1:1" in handed.log.read_text()
