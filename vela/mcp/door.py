"""Who asks: every call finds its user anew and runs in one session of the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from vela.db import Database
from vela.domain.catalog import queries
from vela.domain.idempotency import keys
from vela.domain.people.access import Actor, Scope, require_own_password, require_to_propose
from vela.errors import Conflict, Forbidden, NotFound, Refusal
from vela.intake import Words, read
from vela.language import gettext as _
from vela.mcp.arguments import Changing, Repeatable
from vela.mcp.deletions import QUESTIONS, Question, keep_still, question
from vela.mcp.lines import asker
from vela.mcp.tools import Tool, currency_of
from vela.mcp.who import Who
from vela.shapes.base import Shape

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Door:
    """Where agents come in: the database, and who is let in there.

    Who it is, is found anew for every call, so that revoking a token, or changing a role, counts at once. Calls may run
    in several threads at the same time. With `read_only` nothing is changed or proposed, whatever the user may.
    """

    database: Database
    who: Who
    read_only: bool = False

    def actor(self) -> Actor:
        """Whom the agent acts as now. Raises Unauthenticated; Forbidden while their password is somebody else's."""
        actor = self.who.found(self.database)
        require_own_password(actor)
        asker.set(actor.username)
        return replace(actor, scope=Scope.READ) if self.read_only else actor

    def question(self, tool: Tool, arguments: Mapping[str, Any]) -> Question | None:
        """What a person is to be asked before this call is done; None when nothing would be taken away by it.

        Raises any Refusal that can be told before.
        """
        if tool.name not in QUESTIONS:
            return None
        actor = self.actor()
        words = read(tool.reads, arguments, typed=True)
        if _is_rehearsed(words) or tool.act is None or not actor.may(tool.act):
            return None
        with self.database.reading() as session:
            return question(session, actor, tool.name, words)

    def run(self, tool: Tool, arguments: Mapping[str, Any], agreed: Question | None = None) -> Shape:
        """Let a tool do its work, all of it or nothing; only while what a person `agreed` to is what would be done.

        Raises any Refusal; Replayed when it did it before.
        """
        actor = self.actor()
        if self.read_only and tool.act:
            words = _("This server was started with VELA_MCP_READONLY and changes nothing. Let a person do it in Vela.")
            raise Forbidden("read_only_server", words, act=tool.act.value)
        words = read(tool.reads, arguments, typed=True)
        if isinstance(words, Repeatable) and words.idempotency_key is not None and not _is_rehearsed(words):
            return self._run_once(tool, actor, words, words.idempotency_key)
        with self.database.transaction() if tool.act else self.database.reading() as session:
            if agreed is not None:
                keep_still(session, words)
                _refuse_moved(agreed, question(session, actor, tool.name, words))
            return tool.run(session, actor, words)

    def _run_once(self, tool: Tool, actor: Actor, words: Repeatable, key: str) -> Shape:
        if tool.act:
            require_to_propose(actor, tool.act)
        said = words.model_dump(exclude={"idempotency_key"}, exclude_unset=True)
        mark = keys.fingerprint(f"tool {tool.name}", said)
        with self.database.transaction() as session, keys.once(session, actor.user_id or 0, key, mark) as keep:
            shape = tool.run(session, actor, words)
            keep(keys.Answer(shape.model_dump_json()))
            return shape

    def look(self, act: Callable[[Session], Answer]) -> Answer:
        """What `act` finds in the books, for whoever holds the token. Raises Unauthenticated, and what `act` raises."""
        self.actor()
        with self.database.reading() as session:
            return act(session)

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


def _is_rehearsed(words: Words) -> bool:
    return isinstance(words, Changing) and words.dry_run


def _refuse_moved(agreed: Question, now: Question) -> None:
    if now != agreed:
        words = _("It changed while the user was asked, so nothing was done. Read it again, then ask again.")
        raise Conflict("moved_meanwhile", words)
