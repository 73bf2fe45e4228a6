"""Who can reach Vela, and who it believes."""

from vela.doctor.findings import Finding, failure, fine, warning
from vela.language import gettext as _
from vela.settings import Settings

PROXY_PORTS = (80, 443)
LISTENING = "0A"


def listening(tables: str) -> set[int]:
    """The ports on which something of this machine listens, by the text of /proc/net/tcp and tcp6."""
    rows = (line.split() for line in tables.splitlines())
    found = (row[1] for row in rows if len(row) > 3 and row[3] == LISTENING)
    return {int(address.rpartition(":")[2], 16) for address in found}


def encryption(settings: Settings) -> Finding:
    """Whether passwords cross a network in clear."""
    if not settings.is_open_http:
        return fine("encryption", _("Nobody reaches Vela from another machine but through a proxy."))
    words = _("Other machines reach %(bind)s without encryption, passwords and all.", bind=settings.bind)
    do = _("Put a proxy in front (docs/operations.md) and set VELA_BIND=127.0.0.1:8788 and VELA_TRUSTED_PROXIES=1.")
    return warning("encryption", words, do) if settings.allow_http else failure("encryption", words, do)


def proxies(settings: Settings, ports: set[int]) -> Finding:
    """Whether as many proxies are trusted as there are. `ports` are those that something listens on."""
    in_front = any(port in ports for port in PROXY_PORTS)
    if settings.trusted_hops and not _is_out_of_reach(settings.bind):
        words = _("VELA_TRUSTED_PROXIES is set, and whoever reaches %(bind)s past the proxy can say who they are.",
                  bind=settings.bind)  # fmt: skip
        return warning("proxies", words, _("Listen on 127.0.0.1 or on unix:/path, or let a firewall keep others out."))
    if settings.trusted_hops and not in_front:
        words = _("VELA_TRUSTED_PROXIES is set, but no proxy listens on port 80 or 443 of this machine.")
        return warning(
            "proxies", words, _("If there is none, set it to 0: else people can say which address is theirs.")
        )
    if settings.is_local and in_front:
        words = _("Something listens on port 80 or 443 of this machine, and VELA_TRUSTED_PROXIES is 0.")
        do = _("If it passes requests on to Vela, set VELA_TRUSTED_PROXIES=1: else everybody seems to be one person.")
        return warning("proxies", words, do)
    return fine("proxies", _("Vela trusts %(count)s proxies.", count=settings.trusted_hops))


def _is_out_of_reach(bind: str) -> bool:
    """Whether no other machine can connect to it."""
    return bind.startswith(("unix:", "127.", "localhost:", "[::1]:"))


def user(uid: int) -> Finding:
    """Whether this runs as root."""
    if uid == 0:
        words = _("This runs as root: whoever takes Vela over has the machine, and files it makes are root's.")
        return warning("user", words, _("Run Vela as a user of its own, as deploy/vela.service does."))
    return fine("user", _("Vela does not run as root."))
