"""Listening: a host is told that what it reads has changed, whoever changed it, and nothing else."""

import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter, run_sync
from mcp import Client
from mcp.client.subscriptions import SubscriptionLost
from mcp.server.subscriptions import ResourceUpdated, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    EmptyResult,
    ResourceUpdatedNotification,
    SubscribeRequest,
    SubscribeRequestParams,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)

from tests import make
from tests.domain.books import part_id, reprice
from tests.mcp.conftest import Agent, to_its_end
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.people import queries, signins
from vela.domain.people.commands import change_user
from vela.domain.people.intake import UserChanges
from vela.domain.workspace.settings import current_month
from vela.intake import read
from vela.mcp import subscriptions
from vela.mcp.door import Door
from vela.mcp.server import make_server
from vela.mcp.watch import Watch
from vela.mcp.who import HolderOfToken

SECONDS = 60
OFFERS, ATLAS, PROFIT = "vela://services", "vela://services/1", "vela://pnl/current"
Next = Callable[[], Awaitable[str]]


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "EVERY", 0.02)


@asynccontextmanager
async def listening(agent: Agent, *addresses: str) -> AsyncGenerator[tuple[Client, Next]]:
    """A host that listens, in the way of its era, and the address that it is told next."""
    send, told = anyio.create_memory_object_stream[str](100)

    async def hear(message: object) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            await send.send(str(message.params.uri))

    server = make_server(Door(agent.database, HolderOfToken(agent.token)))
    async with send, told, Client(server, mode=agent.era, message_handler=hear) as client:
        if agent.era == "legacy":
            for each in addresses:
                await client.session.send_request(subscribe(each), EmptyResult)
            yield client, told.receive
            return
        async with client.listen(resource_subscriptions=list(addresses)) as subscription:

            async def next_one() -> str:
                event = await anext(subscription)
                assert isinstance(event, ResourceUpdated)
                return event.uri

            yield client, next_one


def subscribe(address: str) -> SubscribeRequest:
    return SubscribeRequest(params=SubscribeRequestParams(uri=address))


def told_of(agent: Agent, addresses: list[str], act: Callable[[], object], count: int) -> list[str]:
    """The first `count` addresses that a host hears of once `act` has been done beside the server."""

    async def session() -> list[str]:
        async with listening(agent, *addresses) as (_client, next_one):
            await run_sync(act)
            with anyio.fail_after(SECONDS):
                return [await next_one() for _each in range(count)]

    return to_its_end(session)


def sell(database: Database, month: str = "") -> None:
    with database.transaction() as session:
        make.sale(session, catalog.service(session, 1), 2, month or str(current_month(session)))


def revoke(database: Database) -> None:
    with database.transaction() as session:
        user = queries.user_named(session, "nadia")
        assert user is not None
        for token in signins.tokens_of(session, user.id):
            signins.end_token(session, make.admin(), token.id)


def test_a_change_made_elsewhere_is_told_to_who_listens_to_what_it_moves(
    agent: Agent, database: Database, atlas: int
) -> None:
    ram, everything = part_id(database, atlas, "RAM (16GB)"), [OFFERS, ATLAS, PROFIT]
    told = told_of(agent, everything, lambda: reprice(database, ram, unit_sell=550), 2)
    assert sorted(told) == sorted([OFFERS, ATLAS])  # a look that began before the change tells of one of them first
    assert told_of(agent, everything, lambda: sell(database), 1) == [PROFIT]


def test_nothing_is_told_of_what_does_not_move_it(agent: Agent, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        other = make.offer(session, "Rif", ("HDD", 1, 2)).id

    def unrelated() -> None:
        reprice(database, part_id(database, other, "HDD"), unit_sell=3)
        sell(database, "2025-03")
        with database.transaction() as session:
            make.user(session, "omar")

    def all_of_it() -> None:
        unrelated()
        reprice(database, part_id(database, atlas, "RAM (16GB)"), unit_sell=550)

    assert told_of(agent, [PROFIT, ATLAS], all_of_it, 1) == [ATLAS]


def test_a_change_through_the_same_server_is_told_too(agent: Agent, ram: int) -> None:
    async def session() -> str:
        async with listening(agent, ATLAS) as (client, next_one):
            assert not (await client.call_tool("update_component", {"component_id": ram, "unit_sell": 501})).is_error
            with anyio.fail_after(SECONDS):
                return await next_one()

    assert to_its_end(session) == ATLAS


def test_an_offer_that_is_yet_to_come_is_told_when_it_does(agent: Agent, database: Database, atlas: int) -> None:
    def make_it() -> None:
        with database.transaction() as session:
            make.offer(session, "Rif", ("HDD", 1, 2))

    assert told_of(agent, [f"vela://services/{atlas + 1}"], make_it, 1) == [f"vela://services/{atlas + 1}"]


@pytest.mark.parametrize("era", ["auto"])
def test_who_listens_and_loses_the_token_is_told_so(agent: Agent, database: Database, atlas: int) -> None:
    async def session() -> BaseException | None:
        async with listening(agent, ATLAS) as (_client, next_one):
            await run_sync(revoke, database)
            with anyio.fail_after(SECONDS), pytest.raises(SubscriptionLost) as lost:
                await next_one()
            return lost.value.__cause__

    why = to_its_end(session)
    assert isinstance(why, MCPError)
    assert "VELA_API_TOKEN" in why.error.message


@pytest.mark.parametrize("era", ["legacy"])
def test_the_older_protocol_stops_looking_when_the_token_is_lost(
    agent: Agent, database: Database, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Exception] = []
    changed = Watch.changed

    def look(watch: Watch) -> Any:
        try:
            return changed(watch)
        except MCPError as why:
            ended.append(why)
            raise

    monkeypatch.setattr(Watch, "changed", look)

    async def session() -> None:
        async with listening(agent, ATLAS) as (client, _next):
            await run_sync(revoke, database)
            with anyio.fail_after(SECONDS):
                while not ended:
                    await anyio.sleep(0.01)
            refused = await client.call_tool("get_services", {})
            assert (refused.structured_content or {})["error"] == "INVALID_TOKEN"

    to_its_end(session)
    assert len(ended) == 1


def test_nobody_listens_without_a_good_token(agent: Agent, database: Database, atlas: int) -> None:
    revoke(database)

    async def session() -> None:
        async with listening(agent, ATLAS):
            raise AssertionError

    with pytest.raises((MCPError, BaseExceptionGroup)) as raised:
        to_its_end(session)
    assert "VELA_API_TOKEN" in _deepest(raised.value)


def _deepest(error: BaseException) -> str:
    return _deepest(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else str(error)


@pytest.mark.parametrize("era", ["legacy"])
def test_what_is_no_longer_listened_to_is_not_told(database: Database, agent: Agent, atlas: int) -> None:
    ram = part_id(database, atlas, "RAM (16GB)")

    async def session() -> str:
        async with listening(agent, ATLAS, OFFERS) as (client, next_one):
            gone = UnsubscribeRequest(params=UnsubscribeRequestParams(uri=OFFERS))
            await client.session.send_request(gone, EmptyResult)
            await run_sync(lambda: reprice(database, ram, unit_sell=550))
            with anyio.fail_after(SECONDS):
                return await next_one()

    assert to_its_end(session) == ATLAS


def test_only_what_can_be_found_is_listened_to(agent: Agent, atlas: int) -> None:
    async def session() -> None:
        async with agent.client() as client:
            if agent.era == "legacy":
                with pytest.raises(MCPError) as refused:
                    await client.session.send_request(subscribe("vela://nothing"), EmptyResult)
                assert (refused.value.error.code, refused.value.error.data) == (
                    INVALID_PARAMS,
                    {"uri": "vela://nothing"},
                )
                return
            async with client.listen(resource_subscriptions=["vela://nothing", ATLAS, ATLAS]) as subscription:
                assert subscription.honored.resource_subscriptions == [ATLAS]

    to_its_end(session)


def test_no_call_waits_for_those_who_look(agent: Agent, atlas: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, done = threading.Event(), threading.Event()

    def look(_watch: Watch) -> list[object]:
        looking.set()
        done.wait()
        return []

    monkeypatch.setattr(Watch, "changed", look)

    async def session() -> bool:
        current_default_thread_limiter().total_tokens = 1
        async with listening(agent, ATLAS) as (client, _next_one):
            while not looking.is_set():
                await anyio.sleep(0.01)
            try:
                with anyio.fail_after(SECONDS):
                    return (await client.call_tool("get_services", {})).is_error or False
            finally:
                done.set()

    assert not to_its_end(session)


def test_one_listens_to_so_many_addresses(agent: Agent, atlas: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 2)

    async def session() -> None:
        async with listening(agent, OFFERS, ATLAS, PROFIT):
            raise AssertionError

    with pytest.raises((MCPError, BaseExceptionGroup)) as raised:
        to_its_end(session)
    assert _deepest(raised.value) == "Listen to at most 2 addresses at once."


@pytest.mark.parametrize("era", ["auto"])
def test_tools_that_come_or_go_are_told(viewers_agent: Agent, database: Database) -> None:
    def take_away() -> None:
        with database.transaction() as session:
            user = queries.user_named(session, "yves")
            assert user is not None
            make.user(session, "another", role="admin")
            change_user(session, make.admin(), user.id, read(UserChanges, {"may_record_sales": False}))

    async def session() -> object:
        async with (
            viewers_agent.client() as client,
            client.listen(tools_list_changed=True, resources_list_changed=True, prompts_list_changed=True) as heard,
        ):
            await run_sync(take_away)
            with anyio.fail_after(SECONDS):
                return await anext(heard)

    assert to_its_end(session) == ToolsListChanged()


def test_the_books_are_left_alone_while_nobody_listens(
    agent: Agent, atlas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Watch] = []
    monkeypatch.setattr(Watch, "changed", lambda watch: looks.append(watch) or [])

    async def session() -> None:
        async with agent.client() as client:
            await client.call_tool("get_services", {})
            await anyio.sleep(0.3)

    to_its_end(session)
    assert looks == []
