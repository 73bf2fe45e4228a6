"""People who write all the time: each remembers every request it sent, and what was answered to it, if anything was."""

# ruff: noqa: S311 chance decides what is tried, and hides nothing

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any

from tests.proofs.service import MONTH

ANSWER_SECONDS = 40
PATIENCE_SECONDS = 600
REST_SECONDS = 0.02


@dataclass
class Request:
    """One thing asked for, the last answer to it (`status` is None while there was none), and how often none came.

    An answer that says that nobody knows whether it was kept counts as none.
    """

    verb: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    version: int | None = None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: int | None = None
    said: Any = None
    seconds: float = 0.0
    silences: int = 0

    @property
    def is_acknowledged(self) -> bool:
        return self.status is not None and self.status < 300


class Client:
    """One kept connection of somebody who holds a token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        self._token = token

    def send(self, request: Request) -> bool:
        """Ask, and note what is answered; whether anything was. Raises ConnectionRefusedError: nothing was asked."""
        headers = {"Authorization": f"Bearer {self._token}", "X-Request-Id": request.id}
        if request.method == "POST":
            headers["Idempotency-Key"] = request.key
        if request.version is not None:
            headers["If-Match"] = f'"{request.version}"'
        body = None if request.body is None else json.dumps(request.body)
        if body is not None:
            headers["Content-Type"] = "application/json"
        began = time.monotonic()
        try:
            self._connection.request(request.method, request.path, body, headers)
            response = self._connection.getresponse()
            text = response.read()
        except ConnectionRefusedError:
            self._connection.close()
            raise
        except (OSError, HTTPException):
            self._connection.close()
            request.silences += 1
            return False
        request.seconds = time.monotonic() - began
        request.status, request.said = response.status, json.loads(text) if text else None
        if request.status == 503 and request.said["error"] == "OUTCOME_UNKNOWN":
            request.silences += 1
        return True

    def get(self, path: str) -> Any:
        """What is at `path`; None without an answer."""
        request = Request("read", "GET", path)
        answered = self.send(request)
        assert not answered or request.status == 200, request
        return request.said

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Habit:
    """What somebody writes: how often each verb, of which components, and how many requests at most."""

    verbs: Mapping[str, int] = field(default_factory=lambda: {"sell": 5, "void": 1, "reprice": 2, "spend": 1})
    components: Sequence[int] = (1, 2)
    most: int | None = None


class Writer(Thread):
    """One of several who write until they are told to end, whether or not somebody answers."""

    def __init__(self, port: int, token: str, ended: Event, habit: Habit) -> None:
        super().__init__(daemon=True)
        self._client, self._ended, self._habit = Client(port, token), ended, habit
        self._sold: list[int] = []
        self.sent: list[Request] = []
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._ended.is_set() and len(self.sent) != self._habit.most:
                self._write_one()
        except BaseException as error:  # noqa: BLE001 told to whoever waits for this thread
            self.failed = error
        finally:
            self._client.close()

    def _write_one(self) -> None:
        try:
            request = self._something()
            if request is None:
                return
            self._client.send(request)
        except ConnectionRefusedError:
            time.sleep(REST_SECONDS)
            return
        self.sent.append(request)
        if request.verb == "sell" and request.is_acknowledged:
            self._sold.append(request.said["id"])
        if request.status == 503:
            time.sleep(REST_SECONDS)

    def _something(self) -> Request | None:
        verbs = self._habit.verbs
        (verb,) = random.choices(list(verbs), list(verbs.values()))
        if verb == "void" and self._sold:
            sold = self._sold.pop(random.randrange(len(self._sold)))
            return Request("void", "DELETE", f"/api/transactions/{sold}")
        if verb == "reprice":
            return self._dearer()
        if verb == "spend":
            request = Request("spend", "POST", "/api/expenses")
            request.body = {"name": request.key, "amount": 1.25, "first_month": MONTH, "last_month": MONTH}
            return request
        return sale()

    def _dearer(self) -> Request | None:
        """One centime on top of the cost that was read, refused when somebody was quicker."""
        path = f"/api/components/{random.choice(self._habit.components)}"
        read = self._client.get(path)
        if read is None:
            return None
        cost = (round(100 * read["unit_cost"]) + 1) / 100
        return Request("reprice", "PUT", path, {"unit_cost": cost}, read["version"])


def sale() -> Request:
    request = Request("sell", "POST", "/api/transactions")
    request.body = {"service_id": 1, "quantity": random.randint(1, 9), "month": MONTH, "notes": request.key}
    return request


@dataclass
class Crowd:
    """Several writers that begin and end together, and everything they ever sent."""

    port: int
    token: str
    size: int
    habit: Habit = field(default_factory=Habit)
    sent: list[Request] = field(default_factory=list[Request])

    def begin(self) -> None:
        self._ended = Event()
        self._writers = [Writer(self.port, self.token, self._ended, self.habit) for _ in range(self.size)]
        for writer in self._writers:
            writer.start()

    def wait_for_each_verb(self) -> None:
        """Wait, a minute at most, until a request of each verb was acknowledged, now or in a round before."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            sent = [*self.sent, *(request for writer in self._writers for request in list(writer.sent))]
            if {request.verb for request in sent if request.is_acknowledged} >= set(self.habit.verbs):
                return
            time.sleep(REST_SECONDS)

    def end(self) -> list[Request]:
        """Let each finish what it is at; returns what they sent since they began."""
        self._ended.set()
        return self.wait()

    def wait(self) -> list[Request]:
        """Wait until each has sent as much as its habit says; returns what they sent since they began."""
        for writer in self._writers:
            writer.join(PATIENCE_SECONDS)
            assert not writer.is_alive()
            if writer.failed:
                raise writer.failed
        news = [request for writer in self._writers for request in writer.sent]
        self.sent += news
        return news

    def send_again(self, news: list[Request], answered: int = 20) -> int:
        """Repeat whatever was not answered, and some of what made something, under the same keys; returns how many.

        A change or a void has no key: done twice it is refused, and what it did the first time stands.
        """
        silent = [request for request in news if request.status is None or request.status == 503]
        known = [request for request in news if request.is_acknowledged and request.method == "POST"]
        some = random.sample(known, min(answered, len(known)))
        with closing(Client(self.port, self.token)) as client:
            for request in silent:
                assert client.send(request), request
                assert request.status is not None, request
                assert request.status < 500, request
            for request in some:
                again = Request(request.verb, request.method, request.path, request.body, key=request.key)
                assert client.send(again)
                assert (again.status, again.said) == (request.status, request.said), (request, again)
        return len(silent) + len(some)

    def statuses(self) -> Counter[int | None]:
        return Counter(request.status for request in self.sent)
