"""One client on one kept connection: it signs in, and times each request until the last byte of its answer."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection

from vela.seeding import DEMO_USERS

FORMS_TOKEN = re.compile(r"&#34;X-CSRFToken&#34;: ?&#34;([^&]+)&#34;|\"X-CSRFToken\": ?\"([^\"]+)\"")


@dataclass
class Client:
    """A connection to a server on this machine, with the cookies and tokens it was given."""

    port: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> str:
        """The body of an answer. Raises SystemExit for an answer that is not a success."""
        sent = {**self.headers, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        text = response.read().decode()
        if response.status != 200:
            raise SystemExit(f"{method} {path} answered {response.status}: {text[:500]}")
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return text

    def timed(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        holds: str = "",
    ) -> float:
        """The seconds that a request takes. Raises SystemExit when the answer does not hold the text `holds`."""
        began = time.perf_counter()
        text = self.ask(method, path, body, headers)
        seconds = time.perf_counter() - began
        if holds not in text:
            raise SystemExit(f"{method} {path} answered without {holds}: {text[:500]}")
        return seconds

    def close(self) -> None:
        self._connection.close()


def script(port: int) -> Client:
    """A signed-in client of the JSON API."""
    client = Client(port)
    signed_in = json.loads(client.ask("POST", "/api/auth/login", _credentials(), {"Content-Type": "application/json"}))
    return Client(port, headers={"Authorization": f"Bearer {signed_in['token']}"})


def browser(port: int, page: str) -> Client:
    """A signed-in browser that looks at `page`, ready to send what htmx would send from there."""
    client = Client(port)
    client.ask("POST", "/api/auth/login", _credentials(), {"Content-Type": "application/json"})
    found = FORMS_TOKEN.search(client.ask("GET", page))
    if found is None:
        raise SystemExit(f"{page} holds no token for forms")
    client.headers = {
        "X-CSRFToken": found[1] or found[2],
        "HX-Request": "true",
        "HX-Current-URL": f"http://127.0.0.1:{port}{page}",
    }
    return client


def _credentials() -> str:
    admin = DEMO_USERS[0]
    return json.dumps({"username": admin["username"], "password": admin["password"]})
