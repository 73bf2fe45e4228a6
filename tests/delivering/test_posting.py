"""Posting: what comes back from receivers of every kind, and where nothing is sent at all."""

import datetime as dt
import socket
import ssl
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.delivering.receiver import answers, closed_port, receiving, says
from tests.test_addresses import known_as
from vela.clock import now
from vela.delivering.posting import post

HEADERS = {"webhook-id": "msg_1"}
SOON = 0.4


def send(address: str, seconds: float = 10) -> Any:
    return post(address, HEADERS, '{"é":1}', private=True, seconds=seconds)


def test_what_is_sent_arrives_as_it_is() -> None:
    with receiving() as there:
        there.act = answers(200, "thank you")
        outcome = send(there.address + "?a=b")
    assert (outcome.status, outcome.answer, outcome.trouble, outcome.arrived) == (200, "thank you", "", True)
    (came,) = there.came
    assert (came.path, came.body) == ("/hooks?a=b", '{"é":1}')
    said = {name.lower(): value for name, value in came.headers.items()}
    assert said["host"] == f"127.0.0.1:{there.port}"
    assert said["content-type"] == "application/json"
    assert said["webhook-id"] == "msg_1"


@pytest.mark.parametrize("status", [304, 400, 404, 410, 500])
def test_what_is_no_success_did_not_arrive(status: int) -> None:
    with receiving() as there:
        there.act = answers(status, "no")
        assert (send(there.address).status, send(there.address).arrived) == (status, False)


def test_nobody_is_led_elsewhere() -> None:
    with receiving() as there, receiving() as elsewhere:
        there.act = answers(307, Location=elsewhere.address)
        assert send(there.address).status == 307
        assert elsewhere.came == []


def test_of_a_huge_answer_the_beginning_is_read() -> None:
    with receiving() as there:
        there.act = answers(200, "x" * 5_000_000)
        outcome = send(there.address)
    assert outcome.arrived
    assert outcome.answer == "x" * 2000


def test_what_cannot_be_shown_is_replaced() -> None:
    with receiving() as there:
        there.act = answers(500, "a\0b\u202ec\nd")
        assert send(there.address).answer == "a\ufffdb\ufffdc\nd"


def test_a_silent_receiver_is_left() -> None:
    with receiving() as there:
        there.act = there.hang
        assert send(there.address, SOON).trouble == "timeout"


def test_one_that_drips_is_left_too() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not there.let_go.wait(0.02):
            handler.wfile.write(b"x-more: 1\r\n")

    with receiving() as there:
        there.act = drip
        assert send(there.address, SOON).trouble == "timeout"


def test_one_that_drips_while_it_shakes_hands_is_left_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert send(f"https://127.0.0.1:{port}/", SOON).trouble == "timeout"


def test_an_answer_that_never_ends_counts_by_its_status() -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbegun")
        there.let_go.wait(20)

    with receiving() as there:
        there.act = hang
        outcome = send(there.address, 3)
        assert (outcome.status, outcome.answer, outcome.arrived) == (200, "begun", True)


def test_a_receiver_that_hangs_up_or_speaks_nonsense() -> None:
    with receiving() as there:
        there.act = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
        assert send(there.address).trouble == "broken_off"
        there.act = says(b"220 mail.example.com ESMTP\r\n")
        assert send(there.address).trouble == "broken_off"


def test_nobody_there() -> None:
    assert send(f"http://127.0.0.1:{closed_port()}/").trouble == "unreachable"


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_words: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert send("https://hooks.example.com/").trouble == "unknown_name"


def test_how_long_a_receiver_wants_to_rest() -> None:
    with receiving() as there:
        there.act = answers(503, Retry_After="120")
        assert send(there.address).asked == dt.timedelta(minutes=2)
        there.act = answers(429, Retry_After="Sat, 01 Jan 2000 00:00:00 GMT")
        assert send(there.address).asked == dt.timedelta()
        for odd in ("soon", "-1", "1" * 400, "Sat, 99 Jan 2000", ""):
            there.act = answers(429, Retry_After=odd)
            assert send(there.address).asked is None


# ---------- where nothing is sent


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]"])
def test_nothing_is_sent_to_this_machine_unless_that_is_allowed(host: str) -> None:
    with receiving() as there:
        assert post(f"http://{host}:{there.port}/", HEADERS, "{}").trouble == "private"
        assert there.came == []


def test_a_name_is_judged_at_each_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as there:
        address = f"http://hooks.example.com:{there.port}/"
        monkeypatch.setattr(socket, "getaddrinfo", known_as("127.0.0.1"))
        assert post(address, HEADERS, "{}").trouble == "private"
        assert there.came == []


def test_the_address_that_was_judged_is_the_one_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for a name may answer otherwise a moment later; nobody asks again."""
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def rebinding(host: str, port: int, *words: Any, **options: Any) -> Any:
        if host != "hooks.example.com":
            return look_up(host, port, *words, **options)
        asked.append(host)
        return known_as("127.0.0.2" if len(asked) == 1 else "127.0.0.1")(host, port)

    with receiving("127.0.0.2") as there:
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        outcome = send(f"http://hooks.example.com:{there.port}/")
        assert outcome.status == 204
        assert asked == ["hooks.example.com"]
        assert there.came[0].headers["Host"] == f"hooks.example.com:{there.port}"


def test_the_next_address_is_tried_when_one_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def two(host: str, port: int, *words: Any, **options: Any) -> Any:
        named = host == "hooks.example.com"
        return known_as("127.0.0.3", "127.0.0.2")(host, port) if named else look_up(host, port, *words, **options)

    with receiving("127.0.0.2") as there:
        monkeypatch.setattr(socket, "getaddrinfo", two)
        assert send(f"http://hooks.example.com:{there.port}/").status == 204


# ---------- over TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of hooks.example.com, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    begin = now() - dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hooks.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


def test_a_certificate_has_to_be_that_of_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    trusted = ssl.create_default_context(cafile=str(certificate))
    look_up = socket.getaddrinfo

    def here(host: str, port: int, *words: Any, **options: Any) -> Any:
        named = host.endswith("example.com")
        return known_as("127.0.0.1")(host, port) if named else look_up(host, port, *words, **options)

    with receiving(tls=ours) as there:
        monkeypatch.setattr(socket, "getaddrinfo", here)

        def send_to(name: str, believed: ssl.SSLContext | None) -> Any:
            return post(f"https://{name}:{there.port}/", HEADERS, "{}", private=True, trusted=believed)

        assert send_to("hooks.example.com", trusted).status == 204
        assert send_to("other.example.com", trusted).trouble == "certificate"
        assert send_to("hooks.example.com", None).trouble == "certificate"
        assert len(there.came) == 1
