"""Which network addresses are of the public internet, and which belong to a machine, a house or a provider alone."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Besides those that Python knows: what is special in the registries of IANA, whatever release of Python asks.
CLOSED4 = tuple(
    map(IPv4Network, ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"))
)
# Of IPv6 only this is given out to the public, and not all of it: protocols, examples, and IPv4 in another dress.
PUBLIC6 = IPv6Network("2000::/3")
CLOSED6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# Where a network that speaks IPv6 alone shows the IPv4 of others: as public as what it shows.
SHOWN4 = IPv6Network("64:ff9b::/96")
NAMES_OF_THIS_MACHINE = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


class NotPublic(Exception):
    """A name stands for, or is, an address that is not public."""


def is_public(text: str) -> bool:
    """Whether `text` is an address that anybody on the internet means by it; a name is none."""
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return False
    return _is_public4(found) if isinstance(found, IPv4Address) else _is_public6(found)


def is_literal(host: str) -> bool:
    """Whether `host` is an address and not a name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_private_by_name(host: str) -> bool:
    """Whether `host` says without being looked up that it is not public."""
    name = host.rstrip(".").lower()
    if is_literal(host):
        return not is_public(host)
    return name in NAMES_OF_THIS_MACHINE or name.endswith((".localhost", ".local", ".internal"))


def found_at(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses that `host` stands for now, each to be connected to as it is.

    Raises OSError when the name is not known; NotPublic when a single one is not public, unless `private` allows it.
    """
    try:
        known = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a name that no name server could be asked for
        raise socket.gaierror(host) from None
    found = list(dict.fromkeys(str(each[4][0]) for each in known))
    if not private and not all(map(is_public, found)):
        raise NotPublic(host)
    return found


def _is_public4(found: IPv4Address) -> bool:
    return found.is_global and not found.is_multicast and not any(found in closed for closed in CLOSED4)


def _is_public6(found: IPv6Address) -> bool:
    if found.scope_id is not None:
        return False
    if found in SHOWN4:
        return _is_public4(IPv4Address(int(found) & 0xFFFFFFFF))
    return found in PUBLIC6 and found.is_global and not any(found in closed for closed in CLOSED6)
