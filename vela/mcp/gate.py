"""The gate before the server: each request over HTTP is let through to it, or answered at once with why not."""

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from anyio.to_thread import run_sync
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vela import events
from vela.domain.people.access import Face
from vela.errors import Forbidden, Refusal, Unauthenticated
from vela.language import gettext as _
from vela.mcp import replies
from vela.mcp.callers import Callers, bearer
from vela.mcp.health import Health
from vela.mcp.limits import Limits
from vela.mcp.lines import asker
from vela.mcp.visits import HEALTH, PATH, Visit, visiting
from vela.rates import Allowance

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
WATCHED_EVERY = 5
"""Seconds after which a request that still goes on is asked for a good token again."""


@dataclass(frozen=True, slots=True)
class Gate:
    """An ASGI application before `inner`: who has no good token, or comes from a browser, does not reach it.

    `names` are the hosts under which this server may be called, `hops` the proxies that are believed. What stands open
    ends when `ending` is set.
    """

    inner: ASGIApp
    callers: Callers
    health: Health
    limits: Limits
    names: Collection[str]
    hops: int
    ending: anyio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        with visiting(scope, self.hops) as visit, ExitStack() as held:
            through = visit.through(send)
            try:
                turned_away = await self._turned_away(visit, held)
                if turned_away is None:
                    await self._let_through(visit, receive, through)
                else:
                    await turned_away(scope, receive, through)
            except ClientDisconnect:
                return
            except Exception as error:  # noqa: BLE001 - logged under a code, which is all that leaves
                visit.written.status = HTTPStatus.INTERNAL_SERVER_ERROR
                code = events.fault(error, f"{scope['method']} {PATH}")
                if not visit.is_begun:
                    await replies.crash(code)(scope, receive, through)

    async def _turned_away(self, visit: Visit, held: ExitStack) -> Response | None:
        """The answer to a request that the server does not get to see; None for one that it does."""
        path = visit.scope["path"]
        if path not in (PATH, HEALTH):
            return replies.unfit(HTTPStatus.NOT_FOUND, "not_found", _("Agents are served at %(path)s.", path=PATH))
        try:
            if path == HEALTH:
                _count(visit, self.callers.monitor(visit.address))
                return await self.health.answer()
            held.enter_context(self.limits.room())
            await self._admit(visit)
            self._refuse_browsers(visit)
            held.enter_context(self.limits.share(visit))
        except Refusal as refusal:
            events.refused(refusal, path, user=asker.get(), face=Face.AGENT.value, address=visit.address)
            return replies.refusal(refusal)
        said = visit.headers.get("content-type", "").partition(";")[0].strip().lower()
        if visit.scope["method"] == "POST" and said != "application/json":
            words = _("Send JSON, with the header Content-Type: application/json.")
            return replies.unfit(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", words)
        return None

    async def _admit(self, visit: Visit) -> None:
        try:
            visit.bearer = bearer(visit.headers)
            actor, allowance = await run_sync(self.callers.admitted, visit.bearer)
        except Unauthenticated:
            _count(visit, self.callers.stranger(visit.address))
            raise
        asker.set(actor.username)
        _count(visit, allowance)
        # What a session belongs to, and the answer to a question: the same token, which the SDK compares by its mark.
        visit.scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=visit.bearer.mark, scopes=[]))

    def _refuse_browsers(self, visit: Visit) -> None:
        """Raises Forbidden for what a page of some site makes a browser send, also under a name it made point here."""
        if "origin" in visit.headers:
            raise Forbidden("other_site", _("This server is for agents; it answers no page in a browser."))
        host = visit.headers.get("host", "").lower()
        if host not in self.names and host.rpartition(":")[0] not in self.names:
            words = _("This server is not called %(host)s. Set VELA_MCP_URL to the address that agents use.", host=host)
            raise Forbidden("other_host", words)

    async def _let_through(self, visit: Visit, receive: Receive, send: Send) -> None:
        """Let the server answer, as long as the token is good, and what only stands open until this ends."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, visit, tasks.cancel_scope)
            try:
                await self.inner(visit.scope, receive, send)
            except ClientDisconnect:
                pass
            finally:
                tasks.cancel_scope.cancel()
        if visit.is_begun and not visit.is_over:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _watch(self, visit: Visit, scope: anyio.CancelScope) -> None:
        while await self._goes_on(visit):
            pass
        scope.cancel()

    async def _goes_on(self, visit: Visit) -> bool:
        with anyio.move_on_after(WATCHED_EVERY):
            await (self.ending.wait() if visit.is_standing else anyio.sleep_forever())
            return False
        try:
            return await run_sync(self.callers.is_good, visit.bearer)
        except Refusal:
            return True  # the books do not answer; a call finds out for itself


def _count(visit: Visit, allowance: Allowance | None) -> None:
    """Tell with the answer what is left. Raises TooMany when nothing was."""
    if allowance is not None:
        visit.more_headers = allowance.headers
        allowance.require()
