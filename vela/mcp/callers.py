"""Who calls over HTTP: the personal token that each request brings, how many calls it gets, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.datastructures import Headers

from vela.db import Database
from vela.domain.people.access import Actor, Face
from vela.domain.people.tries import network_of
from vela.errors import Unauthenticated
from vela.language import gettext as _
from vela.rates import Allowance, Rates
from vela.signin.visiting import actor_of_personal_token


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever sent a personal token with a request."""

    token: str = field(repr=False)

    @property
    def mark(self) -> str:
        """What stands for the token where it must not be seen itself."""
        return sha256(self.token.encode()).hexdigest()

    def found(self, database: Database) -> Actor:
        """The user of the token. Raises Unauthenticated when it is not, or no longer, good."""
        actor = actor_of_personal_token(database, self.token, Face.AGENT)
        if actor is None:
            words = _(
                "This token is not, or no longer, good. Make one in Vela under Your account, or with `vela token "
                "create USERNAME`, and put it into the registration of this server."
            )
            raise Unauthenticated("invalid_token", words)
        return actor


def bearer(headers: Mapping[str, str]) -> Bearer:
    """Who sent `headers`. Raises Unauthenticated when they name nobody."""
    scheme, _gap, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        words = _("Send the header Authorization: Bearer with a personal token of Vela.")
        raise Unauthenticated("sign_in_needed", words)
    return Bearer(token.strip())


def address_of(headers: Headers, connected: str, hops: int) -> str:
    """Where a request comes from: who is `connected`, or who the outermost of `hops` proxies says was.

    A proxy may add a line of its own to those of its client: they are read as one.
    """
    said = [each.strip() for each in ",".join(headers.getlist("x-forwarded-for")).split(",")]
    return said[-hops] if 0 < hops <= len(said) and said[-hops] else connected


@dataclass(frozen=True, slots=True)
class Callers:
    """Lets in whoever brings a good token, and counts their calls."""

    database: Database
    rates: Rates

    def admitted(self, bearer: Bearer) -> tuple[Actor, Allowance | None]:
        """Whom a request acts for, and what is left to them. Raises Unauthenticated, Unavailable."""
        return bearer.found(self.database), self.rates.take(f"token {bearer.mark}")

    def stranger(self, address: str) -> Allowance | None:
        """Count a request that brought no good token, and tell what is left to its address."""
        return self.rates.take(f"address {network_of(address)}")

    def monitor(self, address: str) -> Allowance | None:
        """Count a question after the server's health, which needs no token, and tell what is left to its address."""
        return self.rates.take(f"health {network_of(address)}")

    def is_good(self, bearer: Bearer) -> bool:
        """Whether a token that was good still is. Raises Unavailable."""
        return actor_of_personal_token(self.database, bearer.token, Face.AGENT) is not None
