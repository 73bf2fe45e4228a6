"""The real program: servers started, asked, stopped and started again, and a password typed on a terminal."""

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests import make
from tests.ports import free_port
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.ledger import queries as ledger
from vela.domain.people import queries as people

PROGRAM = Path(sys.executable).with_name("vela")
PORT = free_port()
START_SECONDS, STOP_SECONDS = 60, 20


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a service sees of the world: nothing of ours but these."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "VELA_DATA_DIR": str(folder / "data"),
            "VELA_BIND": f"127.0.0.1:{PORT}", **more}  # fmt: skip


def command(seen: dict[str, str], *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    said = [PROGRAM, *words]
    return subprocess.run(said, check=False, env=seen, input=typed, capture_output=True, text=True, timeout=60)


@contextmanager
def running(seen: dict[str, str], word: str) -> Iterator[subprocess.Popen[str]]:
    """A server that answers, and that ends well when the block does."""
    log = Path(seen["HOME"]) / "log"
    with log.open("a") as output:
        server = subprocess.Popen([PROGRAM, word], env=seen, stdout=output, stderr=subprocess.STDOUT, text=True)
    try:
        wait_for_answer(server, log)
        yield server
    finally:
        server.terminate()
        status = server.wait(STOP_SECONDS)
    assert status == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def wait_for_answer(server: subprocess.Popen[str], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            answer("/health")
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"No answer:\n{log.read_text()}")


def answer(path: str, body: str | None = None) -> str:
    headers = {"Content-Type": "application/json"}
    data = None if body is None else body.encode()
    request = Request(f"http://127.0.0.1:{PORT}{path}", data, headers)
    with urlopen(request, timeout=START_SECONDS) as response:  # noqa: S310 a fixed scheme
        assert response.status == 200
        return response.read().decode()


def login(username: str, password: str) -> str:
    return answer("/api/auth/login", f'{{"username": "{username}", "password": "{password}"}}')


def test_a_production_start_has_no_users_and_no_sales(bare_url: str, tmp_path: Path) -> None:
    workers = "1" if bare_url.startswith("sqlite") else "2"
    seen = environment(tmp_path, VELA_DATABASE_URL=bare_url, VELA_WORKERS=workers)
    migrated = command(seen, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert "vela init" in migrated.stderr
    with running(seen, "serve"):
        made = command(seen, "user", "create", "salma", "--role", "admin", "--password-stdin", typed=make.PASSWORD)
        assert made.returncode == 0
        assert '"salma"' in login("salma", make.PASSWORD)
    with running(seen, "serve"):
        assert '"salma"' in login("salma", make.PASSWORD)
    database = Database(bare_url)
    with database.reading() as session:
        assert [user.username for user in people.users(session)] == ["salma"]
        assert ledger.transactions(session) == []
        assert catalog.services(session) == []
    database.close()
    assert [path.name for path in Path(seen["HOME"]).iterdir()] == ["log"]


def test_the_demo_is_made_once_and_kept(tmp_path: Path) -> None:
    seen = environment(tmp_path)
    kept: list[tuple[str, int]] = []
    for _start in ("first", "second"):
        with running(seen, "demo"):
            assert '"admin"' in login("admin", "admin123")
            assert '"viewer"' in login("viewer", "viewer123")
            kept.append(((tmp_path / "data" / "agent-token").read_text(), sample_sales(tmp_path)))
    assert kept[0] == kept[1]
    assert kept[0][1] > 50
    assert stat.S_IMODE((tmp_path / "data" / "agent-token").stat().st_mode) == 0o600
    said = (tmp_path / "home" / "log").read_text()
    token = kept[0][0].strip()
    for words in (f"http://127.0.0.1:{PORT}/", "admin123", "viewer123", "vela-platform", "mcp_server.py", token):
        assert said.count(words) >= 2


def sample_sales(folder: Path) -> int:
    database = Database(f"sqlite:///{folder}/data/vela.db")
    with database.reading() as session:
        count = len([sale for sale in ledger.transactions(session) if sale.sample])
    database.close()
    return count


def test_two_servers_do_not_share_an_address(tmp_path: Path) -> None:
    seen = environment(tmp_path)
    assert command(seen, "migrate").returncode == 0
    with running(seen, "serve"):
        second = command(seen, "serve")
    assert second.returncode == 1
    assert f"127.0.0.1:{PORT} is in use" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_on_a_terminal_the_password_is_asked_for_twice(tmp_path: Path) -> None:
    seen = environment(tmp_path)
    assert command(seen, "migrate").returncode == 0
    inside_a_terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    words = [sys.executable, "-c", inside_a_terminal, PROGRAM, "user", "create", "salma"]
    with subprocess.Popen(words, env=seen, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as typing:
        for prompt in (b"Password: ", b"The same again: "):
            type_after(typing, prompt, make.PASSWORD)
        assert typing.stdout is not None
        said = typing.stdout.read().decode()
        assert typing.wait(STOP_SECONDS) == 0
    assert "salma can sign in now, as viewer." in said
    assert make.PASSWORD not in said


def type_after(typing: subprocess.Popen[bytes], prompt: bytes, words: str) -> None:
    assert typing.stdout is not None
    assert typing.stdin is not None
    seen = b""
    while not seen.endswith(prompt):
        letter = typing.stdout.read(1)
        assert letter, seen
        seen += letter
    time.sleep(0.2)  # the terminal forgets what was typed before it hid the letters
    typing.stdin.write(f"{words}\n".encode())
    typing.stdin.flush()


def test_a_request_under_way_is_finished_before_the_server_stops(tmp_path: Path) -> None:
    seen = environment(tmp_path)
    body = b'{"username": "admin", "password": "admin123"}'
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    with (
        running(seen, "demo") as server,
        socket.create_connection(("127.0.0.1", PORT), timeout=STOP_SECONDS) as sending,
    ):
        sending.sendall(head + body[:20])
        time.sleep(0.5)
        server.terminate()
        time.sleep(0.5)
        assert server.poll() is None
        sending.sendall(body[20:])
        assert sending.recv(100).startswith(b"HTTP/1.1 200 ")
