"""A line to a server that can be cut at the worst moment: a proxy that passes a COMMIT on and never its answer back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ENOUGH = 65536


@dataclass
class Line:
    """Where it listens, and when it is cut: `before` the server's answer to a statement that holds these words.

    `was_cut` is set as the words pass; other connections, and later ones, are left alone.
    """

    port: int
    before: bytes = b""
    was_cut: threading.Event = field(default_factory=threading.Event)

    def cut(self, before: bytes) -> None:
        self.was_cut.clear()
        self.before = before

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        ending = threading.Event()
        for run in (self._there, self._back):
            threading.Thread(target=run, args=(client, server, ending), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket, ending: threading.Event) -> None:
        with suppress(OSError):
            while said := client.recv(ENOUGH):
                if self.before and self.before in said:
                    self.before = b""
                    ending.set()
                    self.was_cut.set()
                server.sendall(said)
        hang_up(client, server)

    def _back(self, client: socket.socket, server: socket.socket, ending: threading.Event) -> None:
        with client, server, suppress(OSError):
            while answer := server.recv(ENOUGH):
                if ending.is_set():
                    break
                client.sendall(answer)
            hang_up(client, server)


def hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(host: str, port: int) -> Iterator[Line]:
    """A line to the server at `host` and `port`, for the length of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line = Line(listening.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _address = listening.accept()
                    line.carry(client, socket.create_connection((host, port)))

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield line
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
