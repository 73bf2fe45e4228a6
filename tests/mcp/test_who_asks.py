"""Whom an agent acts as: looked up for every call, so that what ends or changes counts at once."""

import anyio
import pytest
from mcp import Client
from mcp_types import PromptReference

from tests import make
from tests.mcp.conftest import Agent, text_of, to_its_end, token_of
from vela.db import Database
from vela.domain.people import queries, signins
from vela.domain.people.commands import change_user
from vela.domain.people.intake import UserChanges
from vela.errors import Unauthenticated
from vela.intake import read
from vela.mcp.door import Door
from vela.mcp.server import make_server
from vela.mcp.tools import TOOLS
from vela.mcp.who import HolderOfToken, NamedUser

MONTH = PromptReference(name="month_end_review")


def test_a_token_revoked_in_the_middle_of_a_session_ends_it(agent: Agent, database: Database) -> None:
    def revoke() -> None:
        with database.transaction() as session:
            user = queries.user_named(session, "nadia")
            assert user is not None
            (token,) = signins.tokens_of(session, user.id)
            signins.end_token(session, make.admin(), token.id)

    async def session() -> None:
        async with agent.client() as client:
            assert not (await client.call_tool("get_pnl", {})).is_error
            revoke()
            refused = await client.call_tool("get_pnl", {})
            assert refused.is_error
            assert (refused.structured_content["error"], refused.structured_content["status"]) == ("INVALID_TOKEN", 401)
            assert "VELA_API_TOKEN" in text_of(refused)
            assert "vela token create USERNAME" in text_of(refused)
            assert agent.token not in str(refused)

    to_its_end(session)
    for act in (
        lambda client: client.list_tools(),
        lambda client: client.list_resources(),
        lambda client: client.list_resource_templates(),
        lambda client: client.read_resource("vela://services"),
        lambda client: client.read_resource("vela://services/abc"),
        lambda client: client.list_prompts(),
        lambda client: client.get_prompt("month_end_review"),
        lambda client: client.get_prompt("nothing"),
        lambda client: client.complete(MONTH, {"name": "month", "value": "20"}),
        lambda client: client.complete(MONTH, {"name": "nothing", "value": ""}),
    ):
        fault = agent.fault(act)
        assert fault.code == -32600
        assert "VELA_API_TOKEN" in fault.message


def test_a_new_role_ends_the_token_with_the_next_call(agent: Agent, database: Database, atlas: int) -> None:
    make_viewer = read(UserChanges, {"role": "viewer"})

    async def session() -> None:
        async with agent.client() as client:
            words = {"service_id": atlas, "name": "SSD", "unit_cost": 1, "unit_sell": 2}
            assert not (await client.call_tool("add_component", words)).is_error
            with database.transaction() as opened:
                make.user(opened, "another", role="admin")
                user = queries.user_named(opened, "nadia")
                assert user is not None
                change_user(opened, make.admin(), user.id, make_viewer)
            refused = await client.call_tool("add_component", words)
            assert refused.structured_content["error"] == "INVALID_TOKEN"

    to_its_end(session)


@pytest.mark.parametrize("token", ["", "nonsense", "vela_pat_" + "a" * 43])
def test_a_token_that_nobody_holds_reads_nothing(database: Database, era: str, token: str) -> None:
    stranger = Agent(database, token, era)
    assert stranger.refusal("get_services")[0]["error"] == "INVALID_TOKEN"
    assert stranger.fault(lambda client: client.read_resource("vela://services")).code == -32600


def test_calls_at_the_same_time_each_have_their_own_session(agent: Agent, atlas: int) -> None:
    async def session() -> list[bool]:
        failed: list[bool] = []
        async with agent.client() as client, anyio.create_task_group() as calls:

            async def record() -> None:
                words = {"service_id": atlas, "month": "2026-11"}
                failed.append((await client.call_tool("add_transaction", words)).is_error)

            for _each in range(12):
                calls.start_soon(record)
        return failed

    assert to_its_end(session) == [False] * 12
    assert agent.answer("get_pnl", month="2026-11")["total_revenue"] == 12 * 1500


def test_a_second_person_acts_in_their_own_name(agent: Agent, database: Database, atlas: int) -> None:
    with database.transaction() as session:
        make.user(session, "omar", role="admin")
    omar = Agent(database, token_of(database, "omar"), agent.era)
    words = {"service_id": atlas, "month": "2026-11"}
    assert agent.answer("add_transaction", **words)["created_by"] == "Nadia"
    assert omar.answer("add_transaction", **words)["created_by"] == "Omar"


def test_a_server_that_only_reads_shows_and_does_nothing_else(agent: Agent, atlas: int, ram: int) -> None:
    door = Door(agent.database, HolderOfToken(agent.token), read_only=True)

    async def session() -> None:
        async with Client(make_server(door), mode=agent.era) as client:
            hints = [tool.annotations for tool in (await client.list_tools()).tools]
            assert {hint.read_only_hint for hint in hints if hint} == {True}
            for words in ({"component_id": ram}, {"component_id": ram, "dry_run": True}):
                refused = await client.call_tool("delete_component", words)
                assert (refused.structured_content or {})["error"] == "READ_ONLY_SERVER"
                assert "VELA_MCP_READONLY" in text_of(refused)
            assert not (await client.call_tool("get_service", {"service_id": atlas})).is_error

    to_its_end(session)
    assert len(agent.answer("get_service", service_id=atlas)["components"]) == 2


def test_a_name_acts_as_its_user_until_it_is_deactivated(agent: Agent, database: Database, atlas: int) -> None:
    door = Door(database, NamedUser("nadia"))
    sale = door.run(TOOLS["add_transaction"], {"service_id": atlas, "month": "2026-11"}).model_dump()
    assert (sale["created_by"], door.actor().token_id) == ("Nadia", None)
    with database.transaction() as session:
        user = queries.user_named(session, "nadia")
        assert user is not None
        make.user(session, "another", role="admin")
        change_user(session, make.admin(), user.id, read(UserChanges, {"active": False}))
    with pytest.raises(Unauthenticated, match="VELA_MCP_USER"):
        door.actor()
