"""The shipped files of nginx and Caddy, tried before a real Vela: what they let through, and what they keep away."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests import make
from tests.ports import free_port
from tests.test_serving import PROGRAM, START_SECONDS, STOP_SECONDS, command, environment

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
NAME = "vela.example.com"
SLOW = 120
SHIPPED = {"write": "60s", "read_body": "30s"}
KINDS = [
    pytest.param(
        kind, marks=pytest.mark.skipif(shutil.which(kind) is None, reason=f"needs {kind} (apt install {kind})")
    )
    for kind in ("nginx", "caddy")
]


@dataclass
class Site:
    """A proxy that runs, the Vela behind it, and what that wrote down."""

    kind: str
    port: int
    behind: int
    log: Path
    agents: int
    token: str = ""
    source: str = "127.0.0.1"

    def connect(self, *, timeout: float = 20) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.port), timeout, (self.source, 0))
        return context.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """One request of a well-behaved client; its answer is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.sock = self.connect()
        told = {"Host": NAME} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, told)
        response = connection.getresponse()
        response.said = response.read()  # pyright: ignore[reportAttributeAccessIssue]
        connection.close()
        return response

    def raw(self, sent: bytes) -> bytes:
        """What comes back for these bytes, which get an answer, until nothing more comes for a while."""
        with self.connect() as connection:
            connection.sendall(sent)
            return received(connection) + rest(connection)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def line_of(self, mine: str) -> dict[str, object]:
        """The line about one request, which is written when its last byte has gone."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            for line in self.lines():
                if line["event"] == "request" and line["request_id"] == mine:
                    return line
            time.sleep(0.02)
        pytest.fail(f"no line about {mine}")

    def requests(self) -> int:
        """How many requests Vela has answered, but for those that this asks itself to be sure that it knows of all."""
        for _ in range(2):
            self.line_of(self.ask("/health/live").headers["X-Request-Id"])
        return sum(line["event"] == "request" and line["route"] != "/health/live" for line in self.lines())


def received(connection: ssl.SSLSocket) -> bytes:
    try:
        return connection.recv(65536)
    except (TimeoutError, OSError):
        return b""


def rest(connection: ssl.SSLSocket) -> bytes:
    """What comes until the connection ends, or nothing comes for a while."""
    connection.settimeout(3)
    return b"".join(iter(lambda: received(connection), b""))


def certificate(folder: Path) -> tuple[Path, Path]:
    made, key = folder / "certificate.pem", folder / "key.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*words, "-subj", f"/CN={NAME}", "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


def nginx(folder: Path, port: int, behind: int, agents: int) -> list[str]:
    """The command that runs nginx with the shipped site, its addresses and paths replaced by ours."""
    made, key = certificate(folder)
    site = (DEPLOY / "nginx.conf").read_text()
    for shipped, ours in {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "    listen [::]:80;\n": "",
        "server 127.0.0.1:8788;": f"server 127.0.0.1:{behind};",
        "server 127.0.0.1:8789;": f"server 127.0.0.1:{agents};",
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(made),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(key),
        "/var/log/nginx/vela.log": str(folder / "access.log"),
        "/etc/nginx/proxy_params_vela": str(DEPLOY / "proxy_params_vela"),
    }.items():
        assert shipped in site, shipped
        site = site.replace(shipped, ours)
    paths = "".join(
        f"{kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {folder / 'pid'}; events {{ worker_connections 4096; }}\nhttp {{\n{paths}{site}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    told = ["nginx", "-e", str(folder / "errors"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*told, "-t"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return told


def caddy(folder: Path, port: int, behind: int, agents: int, agents_port: int, **timeouts: str) -> list[str]:
    """The command that runs Caddy with the shipped file, its addresses, certificate and `timeouts` replaced by ours."""
    made, key = certificate(folder)
    site = (DEPLOY / "Caddyfile").read_text()
    for shipped, ours in {
        "\tgrace_period ": f"\tadmin off\n\tdefault_sni {NAME}\n\tauto_https disable_redirects\n\tgrace_period ",
        f"\n{NAME} {{\n": f"\nhttps://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {made} {key}\n",
        f"\n{NAME}:8443 {{\n": f"\nhttps://{NAME}:{agents_port} {{\n\tbind 127.0.0.1\n\ttls {made} {key}\n",
        "servers :8443 {": f"servers 127.0.0.1:{agents_port} {{",
        "127.0.0.1:8788": f"127.0.0.1:{behind}",
        "127.0.0.1:8789": f"127.0.0.1:{agents}",
        **{f"\t{name} {SHIPPED[name]}\n": f"\t{name} {ours}\n" for name, ours in timeouts.items()},
    }.items():
        assert shipped in site, shipped
        site = site.replace(shipped, ours)
    (folder / "Caddyfile").write_text(site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def program(words: list[str], log: Path, **more: object) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("a") as output:
        started = subprocess.Popen(words, stdout=output, stderr=output, **more)  # pyright: ignore[reportCallIssue, reportArgumentType]
    try:
        yield started
    finally:
        started.terminate()
        started.wait(STOP_SECONDS * 2)


def wait_until_open(port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing listens:\n{log.read_text()}")


@pytest.fixture(scope="module", params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    behind, port, agents = free_port(), free_port(), free_port()
    told = {"VELA_MCP_BIND": f"127.0.0.1:{agents}", "VELA_MCP_URL": f"https://{NAME}:8443/mcp"}
    seen = environment(folder, VELA_BIND=f"127.0.0.1:{behind}", VELA_TRUSTED_PROXIES="1", VELA_LOG="json", **told)
    assert command(seen, "migrate").returncode == 0
    words = ("user", "create", "salma", "--role", "admin", "--password-stdin")
    assert command(seen, *words, typed=make.PASSWORD).returncode == 0
    token = command(seen, "token", "create", "salma").stdout.strip()
    log, proxy_log, agents_log = folder / "vela.log", folder / "proxy.log", folder / "agents.log"
    if request.param == "nginx":
        agents_port, start = port, nginx(folder, port, behind, agents)
    else:
        agents_port = free_port()
        start = caddy(folder, port, behind, agents, agents_port)
    with (
        program([str(PROGRAM), "serve"], log, env=seen),
        program([str(PROGRAM), "mcp"], agents_log, env=seen),
        program(start, proxy_log, env=seen, cwd=folder),
    ):
        wait_until_open(behind, log)
        wait_until_open(agents, agents_log)
        wait_until_open(port, proxy_log)
        yield Site(request.param, port, behind, log, agents_port, token)


def said(response: http.client.HTTPResponse) -> bytes:
    return response.said  # pyright: ignore[reportAttributeAccessIssue]


def test_pages_arrive_with_their_headers_and_hsts(site: Site) -> None:
    page = site.ask("/login")
    assert page.status == 200
    assert b"<!doctype html>" in said(page)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["X-Request-Id"]
    assert "nginx/" not in str(page.headers["Server"])


def test_people_sign_in_over_https_and_their_cookie_stays_there(site: Site) -> None:
    body = json.dumps({"username": "salma", "password": make.PASSWORD}).encode()
    answer = site.ask("/api/auth/login", method="POST", body=body, Content_Type="application/json")
    assert answer.status == 200, said(answer)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_who_asks_is_who_is_connected(site: Site) -> None:
    claims = dict.fromkeys(("X_Forwarded_For", "X_Real_IP"), "203.0.113.9")
    answer = site.ask(
        "/login", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http", Forwarded="for=203.0.113.9", **claims
    )
    assert site.line_of(answer.headers["X-Request-Id"])["address"] == "127.0.0.1"
    assert b"evil.example" not in said(answer)
    away = site.ask("/", X_Forwarded_Host="evil.example")
    assert (away.status, away.headers["Location"]) == (303, "/login")


def test_agents_are_let_in_with_a_token_and_hear_what_comes_at_once(site: Site) -> None:
    about = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}).encode()
    head = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
    elsewhere, site = site, replace(site, port=site.agents)
    refused = site.ask("/mcp", method="POST", body=body, **head)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="vela"')
    bearer = f"Bearer {site.token}"
    begun = site.ask("/mcp", method="POST", body=body, Authorization=bearer, **head)
    assert (begun.status, b'"serverInfo"' in said(begun)) == (200, True)
    with site.connect() as stream:
        session = begun.headers["Mcp-Session-Id"]
        lines = [f"Host: {NAME}", f"Authorization: {bearer}", f"Mcp-Session-Id: {session}", "Accept: text/event-stream"]
        stream.sendall("\r\n".join(["GET /mcp HTTP/1.1", *lines, "", ""]).encode())
        assert b" 200 OK" in received(stream)
    assert json.loads(said(site.ask("/mcp/health"))) == {"status": "ok"}
    if site.kind == "caddy":
        assert (elsewhere.ask("/mcp/health").status, site.ask("/login").status) == (404, 404)


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/metrics?x", "/login/../metrics"]
)
def test_figures_stay_inside(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status in (400, 404)
    assert b"vela_requests" not in said(answer)


def test_too_much_is_refused(site: Site) -> None:
    with site.connect() as connection:
        head = f"POST /api/auth/login HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 3000000\r\n\r\n".encode())
        connection.settimeout(20)
        try:
            for _ in range(30):
                connection.sendall(b" " * 100_000)
        except OSError:
            pass  # it said so and hung up
        answer = received(connection)
    assert answer.startswith((b"HTTP/1.1 413 ", b"HTTP/2 413")) or answer == b""
    assert site.ask("/health").status == 200


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: vela.example.com\r\n\r\n"


def both(*headers: bytes, body: bytes = b"0\r\n\r\n" + SMUGGLED) -> bytes:
    lines = [b"POST /login HTTP/1.1", b"Host: vela.example.com", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "sent",
    [
        both(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
        both(b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding: chunked"),
        both(b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding : chunked"),
        both(b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding: xchunked"),
        both(b"Content-Length: %d" % (5 + len(SMUGGLED)), b"Transfer-Encoding: chunked, identity"),
        both(b"Content-Length: 5", b"Content-Length: %d" % (5 + len(SMUGGLED))),
        both(b"Content-Length: +5"),
        both(b"Content-Length: 5, 5"),
        both(b"Transfer-Encoding: chunked", body=b"0x0\r\n\r\n" + SMUGGLED),
        both(b"X: y\nTransfer-Encoding: chunked", b"Content-Length: 5"),
    ],
    ids=[
        "cl-te",
        "te-cl",
        "te-space",
        "te-unknown",
        "te-twice",
        "cl-twice",
        "cl-sign",
        "cl-list",
        "chunk-hex",
        "bare-lf",
    ],
)
def test_two_readings_of_one_request_never_become_two(site: Site, sent: bytes) -> None:
    """A proxy that sees the end of a request elsewhere than Vela does lets a stranger put words into others' mouths."""
    before, until = site.requests(), time.monotonic() + START_SECONDS
    with site.connect() as connection:
        connection.sendall(sent)
        heard = rest(connection)
        seen = site.requests() - before
        while seen > heard.count(b"HTTP/1.1 ") and time.monotonic() < until:
            more = rest(connection)
            heard += more
            time.sleep(0 if more else 0.1)
    # Whoever sent it has had an answer of the proxy for each request that Vela saw.
    assert seen <= heard.count(b"HTTP/1.1 ")
    health = site.ask("/health")
    assert (health.status, json.loads(said(health))["status"]) == (200, "ok")


@pytest.mark.parametrize("host", [b"Host: vela.example.com\r\n", b""])
def test_an_old_client_is_answered(site: Site, host: bytes) -> None:
    answer = site.raw(b"GET /health HTTP/1.0\r\n" + host + b"\r\n")
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")) or (host == b"" and answer.startswith(b"HTTP/1."))


def test_slow_clients_wait_in_the_proxy(site: Site) -> None:
    """More of them than Vela has threads, with heads and bodies that never end; others are served all the while."""
    slow = [site.connect() for _ in range(SLOW)]
    try:
        for number, each in enumerate(slow):
            with suppress(OSError):  # a proxy may have lost patience with the first of them by now
                each.sendall(f"POST /login HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n".encode())
                if number % 2:
                    each.sendall(b"\r\nusername=")
        before = site.requests()
        for _ in range(20):
            assert site.ask("/health").status == 200
        assert site.requests() == before + 20
    finally:
        for each in slow:
            each.close()


def test_the_shipped_files_are_ones_that_the_programs_take(tmp_path: Path) -> None:
    if shutil.which("caddy") is None:
        pytest.skip("needs caddy (apt install caddy)")
    words = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    seen = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    checked = subprocess.run(words, check=False, env=seen, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr[-500:]


def test_without_a_proxy_in_front_other_machines_are_not_served(tmp_path: Path) -> None:
    seen = environment(tmp_path, VELA_BIND=f"0.0.0.0:{free_port()}")
    assert command(seen, "migrate").returncode == 0
    refused = command(seen, "serve")
    assert refused.returncode == 1
    assert "VELA_ALLOW_HTTP=1" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
