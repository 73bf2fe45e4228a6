"""A program that receives webhooks: a real server on this machine that answers as it is told to."""

import json
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

from tests.ports import free_port


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def name(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


Act = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """Where it listens, what came, and how many were there at once; `act` answers the next request."""

    port: int = 0
    host: str = "127.0.0.1"
    came: list[Received] = field(default_factory=list[Received])
    at_once: int = 0
    most_at_once: int = 0
    act: Act = lambda handler: answer(handler, 204)
    let_go: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}/hooks"

    def hang(self, _handler: BaseHTTPRequestHandler) -> None:
        """Say nothing for as long as the test lasts."""
        self.let_go.wait(20)

    def wait_for(self, count: int) -> None:
        """Until so many requests came; a test that waits in vain fails here."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.came) >= count, timeout=20)


def answer(handler: BaseHTTPRequestHandler, status: int, text: str = "", **headers: str) -> None:
    body = text.encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def answers(status: int, text: str = "", **headers: str) -> Act:
    return lambda handler: answer(handler, status, text, **headers)


def says(words: bytes) -> Act:
    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(words)

    return say


@contextmanager
def receiving(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Generator[Receiver]:
    """A receiver that listens until the block ends."""
    receiver = Receiver(host=host)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        is_here = False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with receiver.guard:
                self.is_here = True
                receiver.at_once += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
            with receiver.arrived:
                receiver.came.append(Received(self.path, dict(self.headers.items()), body))
                receiver.arrived.notify_all()
            try:
                with suppress(OSError):
                    receiver.act(self)
            finally:
                self.leave()

        @override
        def send_response(self, code: int, message: str | None = None) -> None:
            self.leave()  # whoever has the answer may send the next before this thread goes on
            super().send_response(code, message)

        def leave(self) -> None:
            with receiver.guard:
                receiver.at_once -= self.is_here
                self.is_here = False

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """A server of tests says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        @override
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever hangs up on us is no fault."""

    server = Server((host, 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    return free_port()
