"""Taking turns between the threads of a process: first come, first served."""

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager


class Turns:
    """One thread at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._turn_of: threading.Lock | None = None

    @contextmanager
    def turn(self, seconds: float, *, behind: int | None = None) -> Generator[None]:
        """Wait for a turn and keep it for the length of the block.

        Raises TimeoutError after so many seconds, and at once when more than `behind` others wait already.
        """
        gate = threading.Lock()
        try:
            self._take(gate, seconds, behind)
            yield
        finally:
            # Whatever ended it, the waiting too: nobody waits for one who has left.
            self._leave(gate)

    def _take(self, gate: threading.Lock, seconds: float, behind: int | None) -> None:
        with self._guard:
            if self._turn_of is None:
                self._turn_of = gate
                return
            if behind is not None and len(self._waiting) > behind:
                raise TimeoutError
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=seconds):
            return
        with self._guard:
            if self._turn_of is not gate:  # else it became our turn just now
                raise TimeoutError

    def _leave(self, gate: threading.Lock) -> None:
        with self._guard:
            if self._turn_of is gate:
                self._turn_of = self._waiting.popleft() if self._waiting else None
                if self._turn_of is not None:
                    self._turn_of.release()
            elif gate in self._waiting:
                self._waiting.remove(gate)
