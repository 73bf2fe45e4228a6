"""Who comes in by a door for agents: known by a token that the server was started with, or by a name."""

from dataclasses import dataclass, field
from typing import Protocol

from vela.db import Database
from vela.domain.people.access import Actor, Face
from vela.errors import Unauthenticated
from vela.language import gettext as _
from vela.signin.visiting import actor_of_name, actor_of_personal_token


class Who(Protocol):
    """What somebody comes with. A transport that learns it in a way of its own has a class of its own for it."""

    def found(self, database: Database) -> Actor:
        """Whom the agent acts as now. Raises Unauthenticated, in words that say what to do about it there."""
        ...


@dataclass(frozen=True, slots=True)
class HolderOfToken:
    """Whoever VELA_API_TOKEN belongs to."""

    token: str = field(repr=False)

    def found(self, database: Database) -> Actor:
        """The user of the token. Raises Unauthenticated when it is not, or no longer, good."""
        actor = actor_of_personal_token(database, self.token, Face.AGENT)
        if actor is None:
            words = _(
                "The token in VELA_API_TOKEN is not, or no longer, good. Make one with `vela token create USERNAME`, "
                "set the variable and start the server again."
            )
            raise Unauthenticated("invalid_token", words)
        return actor


@dataclass(frozen=True, slots=True)
class NamedUser:
    """Whoever VELA_MCP_USER names."""

    username: str

    def found(self, database: Database) -> Actor:
        """The user of that name. Raises Unauthenticated when there is none who may sign in."""
        actor = actor_of_name(database, self.username, Face.AGENT)
        if actor is None:
            words = _(
                "VELA_MCP_USER names nobody who may sign in. `vela user list` shows who can; set the variable and "
                "start the server again."
            )
            raise Unauthenticated("invalid_user", words)
        return actor
