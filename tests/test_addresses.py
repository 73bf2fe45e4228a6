"""Public addresses: what is not one, in every dress it may come in."""

import socket
from typing import Any

import pytest

from vela.addresses import NotPublic, found_at, is_private_by_name, is_public

PRIVATE = (
    *("127.0.0.1", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104 nothing is bound to it
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7"),
    *("203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *(
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
    ),
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:808:808::1", "2001:0:808:808::1", "100::1", "5f00::1"),
    *("localhost", "example.com", "", "8.8.8.8.8", "0x08080808"),
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8")


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
     "localhost", "10.0.0.1", "169.254.169.254"],
)  # fmt: skip
def test_a_host_that_leads_to_no_public_address_is_not_found(host: str) -> None:
    with pytest.raises(NotPublic):
        found_at(host, 443, private=False)
    assert found_at(host, 443, private=True)


def test_one_private_address_among_public_ones_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", known_as("8.8.8.8", "127.0.0.1"))
    with pytest.raises(NotPublic):
        found_at("hooks.example.com", 443, private=False)
    monkeypatch.setattr(socket, "getaddrinfo", known_as("8.8.8.8", "2606:4700::1", "8.8.8.8"))
    assert found_at("hooks.example.com", 443, private=False) == ["8.8.8.8", "2606:4700::1"]


def test_a_name_that_nobody_could_look_up_is_unknown() -> None:
    with pytest.raises(socket.gaierror):
        found_at("x" * 64 + ".example.com", 443, private=False)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "db.localhost", "nas.local", "a.internal", "127.0.0.1"])
def test_some_names_say_themselves_that_they_are_private(host: str) -> None:
    assert is_private_by_name(host)


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "local.example.com", "internal"])
def test_others_are_looked_up(host: str) -> None:
    assert not is_private_by_name(host)


def known_as(*addresses: str) -> Any:
    """A name server that knows every name by these addresses."""
    return lambda _host, port, **_options: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]
