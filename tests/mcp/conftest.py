"""What the tests of the agents' face share: people with tokens, and agents that act for them over the protocol."""

import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, ErrorData, TextContent, TextResourceContents, Tool

from tests import make
from vela.db import Database
from vela.domain.catalog import queries as catalog
from vela.domain.people import queries, signins
from vela.domain.people.intake import Credentials, NewToken
from vela.intake import read
from vela.mcp.door import Door
from vela.mcp.server import make_server
from vela.mcp.who import HolderOfToken
from vela.signin.entering import sign_in
from vela.signin.visiting import actor_of_page

Result = TypeVar("Result")


def to_its_end(act: Callable[[], Awaitable[Result]]) -> Result:
    """Run an asynchronous act to its end, in a thread of its own: a browser test may have left a loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(anyio.run, act).result()


SECRET = b"a secret for signing in, long enough"


def token_of(database: Database, username: str, **said: Any) -> str:
    """A personal token that a user makes for themselves after signing in."""
    words = read(Credentials, {"username": username, "password": make.PASSWORD})
    signed_in = sign_in(database, SECRET, words, address="127.0.0.1", agent="tests")
    found = actor_of_page(database, signed_in.page_token, SECRET)
    assert found is not None
    with database.transaction() as session:
        user = queries.user(session, found[0].user_id or 0)
        return signins.create_token(session, found[0], user, read(NewToken, {"name": "Laptop"} | said))[1]


@dataclass(frozen=True)
class Agent:
    """An agent that holds a token and speaks one era of the protocol, over a connection of its own for each act."""

    database: Database
    token: str
    era: str

    def client(self) -> Client:
        return Client(make_server(Door(self.database, HolderOfToken(self.token))), mode=self.era)

    def ask(self, act: Callable[[Client], Any]) -> Any:
        async def asked() -> Any:
            async with self.client() as client:
                return await act(client)

        return to_its_end(asked)

    def introduction(self) -> tuple[str, str]:
        """The name and the instructions that the server gives when a host connects."""

        async def asked() -> tuple[str, str]:
            async with self.client() as client:
                assert client.server_info is not None
                return client.server_info.name, client.instructions or ""

        return to_its_end(asked)

    def call(self, tool: str, /, **arguments: Any) -> CallToolResult:
        result = self.ask(lambda client: client.call_tool(tool, arguments))
        assert isinstance(result, CallToolResult)
        return result

    def answer(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """What a call that goes well answers, the same in its text as in its structure."""
        result = self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        assert json.loads(text_of(result)) == result.structured_content
        return result.structured_content

    def refusal(self, tool: str, /, **arguments: Any) -> tuple[dict[str, Any], str]:
        """What a call that is refused answers: its body and its text."""
        result = self.call(tool, **arguments)
        assert result.is_error
        assert result.structured_content["success"] is False
        return result.structured_content, text_of(result)

    def tools(self) -> list[Tool]:
        return self.ask(lambda client: client.list_tools()).tools

    def resource(self, uri: str) -> Any:
        (content,) = self.ask(lambda client: client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        assert (content.uri, content.mime_type) == (uri, "application/json")
        return json.loads(content.text)

    def fault(self, act: Callable[[Client], Any]) -> ErrorData:
        """The protocol error that an act ends in."""

        async def asked() -> ErrorData:
            async with self.client() as client:
                with pytest.raises(MCPError) as raised:
                    await act(client)
            return raised.value.error

        return to_its_end(asked)


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    """How the client speaks: the protocol of 2026 without a handshake, or the older one with it."""
    return request.param


@pytest.fixture
def agent(database: Database, era: str) -> Agent:
    """The agent of an administrator, Nadia."""
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
    return Agent(database, token_of(database, "nadia"), era)


@pytest.fixture
def viewers_agent(database: Database, era: str) -> Agent:
    """The agent of somebody who may look and record sales, Yves."""
    with database.transaction() as session:
        make.user(session, "yves", role="viewer")
    return Agent(database, token_of(database, "yves"), era)


@pytest.fixture
def atlas(database: Database) -> int:
    """The id of an offer: an HDD at 600/1000 and RAM at 300/500."""
    with database.transaction() as session:
        return make.offer(session, "Atlas", ("HDD (1TB)", 600, 1000), ("RAM (16GB)", 300, 500)).id


@pytest.fixture
def ram(database: Database, atlas: int) -> int:
    """The id of the RAM of Atlas."""
    with database.reading() as session:
        return catalog.service(session, atlas).components[1].id
