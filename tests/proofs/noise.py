"""Lines that are no messages, or not quite, said to the program that hosts start."""

# ruff: noqa: S311 chance decides what is said, and hides nothing

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.proofs.service import PATIENCE_SECONDS

SERVER = Path(__file__).resolve().parent.parent.parent / "mcp_server.py"
EVERY = 100
GOOD = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_pnl", "arguments": {}}}
VALUES = (None, True, -1, 1e300, "", "x" * 1000, [], {}, [[[]]], {"a": {"b": None}}, "\ud800", "get_pnl", 10**40)
RAW = (
    b"", b"{", b"}", b"[]", b"null", b"\xff\xfe", b"\x00", b"NaN", b'{"jsonrpc":"2.0","id":NaN}', b"Content-Length: 5",
    b"[" * 5000, b'{"a":' * 2000, b'{"jsonrpc":"2.0","method":"tools/call","id":1,"id":2}', b"\xe2\x80\xa8", b"\r",
    b'"' + b"a" * 100_000 + b'"', b'{"jsonrpc":"1.0","id":7,"method":"ping"}',
)  # fmt: skip


@dataclass(frozen=True)
class Noise:
    """What a server that was told nonsense came to."""

    lines: int
    answers: int
    calls: int
    grown_kib: int

    def __str__(self) -> str:
        return (
            f"{self.lines:,} lines that are no messages, {self.calls:,} good calls between them, all answered; "
            f"{self.answers:,} lines on its output, every one JSON-RPC; memory grew by {self.grown_kib / 1024:.1f} MiB"
        )


def malformed() -> bytes:
    """A line that no host says: bytes by chance, or a message with something broken in it."""
    kind = random.random()
    if kind < 0.3:
        return random.choice(RAW)
    if kind < 0.5:
        return random.randbytes(random.randrange(200)).replace(b"\n", b" ")
    message = json.loads(json.dumps(GOOD)) | {"id": f"bad-{random.random()}"}
    place = random.choice([message, message["params"], message["params"]["arguments"]])
    place[random.choice(["jsonrpc", "method", "params", "name", "arguments", "month", "_meta"])] = random.choice(VALUES)
    text = json.dumps(message).encode()
    return text[: random.randrange(len(text))] if kind < 0.7 else text


def tell_nonsense(environment: Mapping[str, str], lines: int, log: Path) -> Noise:
    """Say `lines` malformed lines. Raises AssertionError for output that is no message, or a call without an answer."""
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, str(SERVER)],
            env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd="/",
        )  # fmt: skip
    assert server.stdin
    assert server.stdout
    heard: list[bytes] = []
    calls, output = lines // EVERY, server.stdout
    missing, came = set(range(1000, 1000 + calls)), Event()

    def listen() -> None:
        for line in output:
            heard.append(line)
            missing.discard(id_of(line))
            if not missing:
                came.set()

    listening = Thread(target=listen)
    listening.start()
    memory: list[int] = []
    for number, line in enumerate(said(lines)):
        server.stdin.write(line + b"\n")
        if number % (10 * EVERY) == 0:
            server.stdin.flush()
            memory.append(resident_kib(server.pid))
    server.stdin.flush()
    assert came.wait(PATIENCE_SECONDS), (sorted(missing)[:9], heard[-3:], log.read_text()[-3000:])
    memory.append(resident_kib(server.pid))
    server.stdin.close()
    status = server.wait(PATIENCE_SECONDS + lines // 100)
    listening.join()
    output.close()
    assert status == 0, log.read_text()[-3000:]
    messages = [json.loads(line) for line in heard]
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    answered = [message["id"] for message in messages if "result" in message and isinstance(message["id"], int)]
    assert set(range(1000, 1000 + calls)) - set(answered) == set()
    return Noise(lines, len(messages), calls, memory[-1] - memory[1])


def said(lines: int) -> Iterator[bytes]:
    """A greeting, then nonsense with a good call after every hundred lines."""
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}
    yield json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": about}).encode()
    yield b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
    for number in range(1, lines + 1):
        yield malformed()
        if number % EVERY == 0:
            yield json.dumps(GOOD | {"id": 999 + number // EVERY}).encode()


def id_of(line: bytes) -> int:
    """Which good call a line answers; 0 for any other line."""
    found = re.search(rb'"id":(\d+),', line)
    return int(found[1]) if found else 0


def resident_kib(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
