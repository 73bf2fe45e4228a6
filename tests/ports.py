"""Ports for the programs that tests start: none is given out twice, and no two workers of a run share any."""

import os
import random
import re
import socket
from collections.abc import Iterator
from contextlib import suppress

# Below the ports that the system gives to clients, so that nobody takes one while its service is down.
FIRST, OF_EACH, WORKERS = 12_000, 1_000, 20


def ports_of(worker: str) -> range:
    """The ports of a worker of pytest-xdist, or of a run without any."""
    number = re.search(r"\d+$", worker)
    begin = FIRST + OF_EACH * ((int(number[0]) + 1) % WORKERS if number else 0)
    return range(begin, begin + OF_EACH)


def _in_turn() -> Iterator[int]:
    """Every port of ours, in an order of its own, and again from the first when all were given out."""
    mine = ports_of(os.environ.get("PYTEST_XDIST_WORKER", ""))
    order = random.SystemRandom().sample(mine, len(mine))
    while True:
        yield from order


_next = _in_turn()


def free_port() -> int:
    """A port on which nothing listens, and which nobody else in this run is given."""
    for _each in range(OF_EACH):
        port = next(_next)
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            return port
    raise OSError(f"Every port from {FIRST} on that is this worker's is in use.")
