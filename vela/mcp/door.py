"""Who asks: every call finds its user anew and runs in one session of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.idempotency import keys
from vela.domain.people.access import Actor, Face, require, require_own_password
from vela.errors import NotFound, Refusal, Unauthenticated
from vela.intake import read
from vela.language import gettext as _
from vela.mcp.arguments import Repeatable
from vela.mcp.lines import asker
from vela.mcp.tools import Tool, currency_of
from vela.shapes import Shape
from vela.signin import actor_of_personal_token


@dataclass(frozen=True, slots=True)
class Door:
    """Where agents come in: the database, and the personal token they act by.

    The token is looked up for every call, so that revoking it, or changing its user's role, counts at once. Calls may
    run in several threads at the same time.
    """

    database: Database
    token: str

    def actor(self) -> Actor:
        """Whom the agent acts as now. Raises Unauthenticated; Forbidden while their password is somebody else's."""
        actor = actor_of_personal_token(self.database, self.token, Face.AGENT)
        if actor is None:
            words = _(
                "The token in VELA_API_TOKEN is not, or no longer, good. Make one with `vela token create USERNAME`, "
                "set the variable and start the server again."
            )
            raise Unauthenticated("invalid_token", words)
        require_own_password(actor)
        asker.set(actor.username)
        return actor

    def run(self, tool: Tool, arguments: Mapping[str, Any]) -> Shape:
        """Let a tool do its work, all of it or nothing. Raises any Refusal; Replayed when it did it before."""
        actor = self.actor()
        words = read(tool.reads, arguments, typed=True)
        if isinstance(words, Repeatable) and words.idempotency_key is not None:
            return self._run_once(tool, actor, words, words.idempotency_key)
        with self.database.transaction() if tool.act else self.database.reading() as session:
            return tool.run(session, actor, words)

    def _run_once(self, tool: Tool, actor: Actor, words: Repeatable, key: str) -> Shape:
        if tool.act:
            require(actor, tool.act)
        said = words.model_dump(exclude={"idempotency_key"}, exclude_unset=True)
        mark = keys.fingerprint(f"tool {tool.name}", said)
        with self.database.transaction() as session, keys.once(session, actor.user_id or 0, key, mark) as keep:
            shape = tool.run(session, actor, words)
            keep(keys.Answer(shape.model_dump_json()))
            return shape

    def currency(self) -> str:
        """The currency of the books."""
        with self.database.reading() as session:
            return currency_of(session)

    def existing_ids(self, refusal: Refusal) -> list[int]:
        """What could have been asked for, when an offer was asked for that does not exist."""
        if not isinstance(refusal, NotFound) or refusal.data["kind"] != "service":
            return []
        with self.database.reading() as session:
            return [service.id for service in queries.services(session, include_inactive=True)]
