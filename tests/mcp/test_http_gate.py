"""Who gets past the gate before the agents' server over HTTP, and who is told to stay outside, and why."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, select, text, update
from starlette.datastructures import Headers

from tests import make, services
from tests.mcp.conftest import token_of
from tests.mcp.served import Answer, Served, called, environment, serving, wait_until
from vela import clock
from vela.cli import main
from vela.db import Database
from vela.domain.people import queries, signins
from vela.domain.people.models import PersonalToken
from vela.mcp.callers import address_of
from vela.seeding import seed_demo

SITE = "https://vela.example.com/mcp"
LISTED = called("get_services")


@pytest.fixture
def token(database: Database) -> str:
    """The token of an administrator, Nadia, who sells Atlas; and there is Yves, who may look."""
    with database.transaction() as session:
        make.user(session, "nadia", role="admin")
        make.user(session, "yves", role="viewer")
        make.offer(session, "Atlas", ("RAM (16GB)", 300, 500))
    return token_of(database, "nadia")


@pytest.fixture
def served(database: Database, database_url: str, tmp_path: Path, token: str) -> Iterator[Served]:
    behind = {"VELA_MCP_URL": SITE, "VELA_TRUSTED_PROXIES": "1"}
    with serving(environment(tmp_path, database_url, **behind), tmp_path / "log") as found:
        yield found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def ended(database: Database, username: str) -> Iterator[str]:
    """Tokens that were good: one revoked, one expired, one of somebody who was deactivated since."""
    revoked, expired, left = (token_of(database, username, name=name) for name in ("A", "B", "C"))
    with database.transaction() as session:
        rows = {
            row.name: row
            for row in session.scalars(select(PersonalToken).where(PersonalToken.name.in_(("A", "B", "C"))))
        }
        signins.end_token(session, make.admin(), rows["A"].id)
        past = clock.now() - timedelta(days=1)
        session.execute(update(PersonalToken).where(PersonalToken.id == rows["B"].id).values(expires_at=past))
    yield revoked
    yield expired
    with database.transaction() as session:
        user = queries.user_named(session, username)
        assert user is not None
        user.active = False
    yield left


def test_without_a_good_token_nothing_else_is_looked_at(served: Served, database: Database, token: str) -> None:
    """The rest of these requests would be refused, too: what is told about is the token."""
    wrong: dict[str, Any] = {"Host": "elsewhere.example", "Origin": "https://elsewhere.example", "Content_Type": "x/y"}
    for method in ("POST", "GET", "DELETE", "OPTIONS"):
        answer = served.ask(method, body=b"\xff{", **wrong)
        assert (answer.status, answer["WWW-Authenticate"]) == (401, 'Bearer realm="vela"')
        assert answer.json["error"]["data"]["error"] == "SIGN_IN_NEEDED"
        assert "Authorization: Bearer" in answer.json["error"]["message"]
    mistyped = token[:-1] + ("a" if token[-1] != "a" else "b")
    for bad in (f"Bearer {mistyped}", f"Bearer {token} {token}", "Bearer vela_pat_", "bearer é", *(
        f"Bearer {each}" for each in ended(database, "yves")
    )):  # fmt: skip
        answer = served.ask(body=b"\xff{", Authorization=bad, **wrong)
        assert (answer.status, answer["WWW-Authenticate"]) == (401, 'Bearer realm="vela", error="invalid_token"')
        assert answer.json["error"]["data"]["error"] == "INVALID_TOKEN"
        assert "vela_pat_" not in answer.body.decode()
        line = served.line_of(answer["X-Request-Id"])
        assert (line["status"], line["user"], line["route"]) == (401, "", "/mcp")
    assert served.ask(Authorization=f"Basic {token}").status == 401
    assert served.ask(**LISTED, Authorization=f"bearer  {token}").status == 200
    assert "vela_pat_" not in served.log.read_text()


def test_only_its_own_names_and_no_page_of_a_browser_reach_it(served: Served, token: str) -> None:
    def status(**headers: str) -> int:
        answer = served.ask(**LISTED, **bearer(token), **headers)
        assert [name for name in answer.response.headers if name.lower().startswith("access-control")] == []
        return answer.status

    for host in ("vela.example.com", "VELA.example.com:443", "localhost:1", "127.0.0.1", "[::1]:8789"):
        assert status(Host=host) == 200, host
    for host in (
        "elsewhere.example",
        "127.0.0.1.elsewhere.example",
        "vela.example.com.elsewhere",
        "localhost.",
        "x:y:z",
    ):
        assert status(Host=host) == 403, host
    for origin in ("https://elsewhere.example", "https://vela.example.com", "null"):
        assert status(Origin=origin) == 403, origin
    refused = served.ask(**LISTED, **bearer(token), Host="elsewhere.example")
    assert "VELA_MCP_URL" in refused.json["error"]["message"]


def test_what_is_no_request_of_the_protocol_is_refused_readably(served: Served, token: str) -> None:
    def asked(*words: str, **said: Any) -> Answer:
        return served.ask(*words, **bearer(token), **said)

    call = called("get_services")
    body = call.pop("body")
    assert asked(body=body, **(call | {"Content_Type": "text/plain"})).status == 415
    assert asked(body=b"{", **call).status == 400
    assert asked(body=[body], **call).status == 400
    assert asked(body=b" " * (1024 * 1024 + 1), **call).status == 413
    assert asked("GET", **call).status == 405
    assert asked("PUT", **call).status == 405
    assert asked("POST", "/elsewhere", body=body, **call).status == 404
    assert asked(body={"jsonrpc": "2.0", "id": 1, "method": "no/such"}).status in (400, 404)
    newer = served.ask(**called("no_such_tool"), **bearer(token))
    assert newer.json["error"]["message"].startswith("There is no such tool.")
    health = served.ask("GET", "/mcp/health", Host="elsewhere.example")
    assert (health.status, health.json) == (200, {"status": "ok"})
    assert [line for line in served.lines() if line["level"] == "error"] == []


def test_who_asks_is_who_the_proxy_says(served: Served, token: str) -> None:
    answer = served.ask(**LISTED, **bearer(token), X_Forwarded_For="198.51.100.7, 203.0.113.9")
    assert served.line_of(answer["X-Request-Id"])["address"] == "203.0.113.9"
    mine = "00000000-0000-4000-8000-000000000001"
    assert served.ask(**LISTED, **bearer(token), X_Request_Id=mine)["X-Request-Id"] == mine


def test_calls_are_counted_for_each_token_and_guesses_for_their_address(
    database: Database, database_url: str, tmp_path: Path, token: str
) -> None:
    other = token_of(database, "yves")
    readonly = {"VELA_API_RATE": "3", "VELA_MCP_READONLY": "1"}
    with serving(environment(tmp_path, database_url, **readonly), tmp_path / "log") as served:
        for left in (2, 1, 0):
            answer = served.ask(**LISTED, **bearer(token))
            assert (answer.status, f";r={left};" in (answer["RateLimit"] or "")) == (200, True)
        over = served.ask(**LISTED, **bearer(token))
        assert (over.status, over.json["error"]["data"]["error"]) == (429, "TOO_MANY_CALLS")
        assert 0 < int(over["Retry-After"] or 0) <= 60
        guesses = [served.ask(**LISTED, **bearer(f"vela_pat_{number}")) for number in range(4)]
        assert [each.status for each in guesses] == [401, 401, 401, 429]
        changed = served.ask(**called("delete_component", {"component_id": 1}), **bearer(other))
        assert changed.json["result"]["structuredContent"]["error"] == "READ_ONLY_SERVER"


def test_books_that_cannot_be_read_for_a_while_are_an_answer_and_no_end(
    database: Database, served: Served, token: str
) -> None:
    if database.path is not None:
        pytest.skip("nobody can be locked out of a file that is open")
    assert served.ask(**LISTED, **bearer(token)).status == 200
    name = make_url(database.url).database
    server = create_engine(services.postgres_url(), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        try:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> "
                     "pg_backend_pid()"), {"name": name}
            )  # fmt: skip
            answer = served.ask(**LISTED, **bearer(token))
            assert (answer.status, answer.json["error"]["data"]["error"]) == (503, "UNREACHABLE")
            assert int(answer["Retry-After"] or 0) > 0
            wait_until(lambda: served.ask("GET", "/mcp/health").status == 503)
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    server.dispose()
    assert served.ask(**LISTED, **bearer(token)).status == 200


# ---------- refusing to start


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"VELA_MCP_USER": "nadia"}, "VELA_MCP_USER"),
        ({"VELA_MCP_BIND": "0.0.0.0:8789"}, "VELA_ALLOW_HTTP=1"),
        ({"VELA_MCP_BIND": "0.0.0.0:8789", "VELA_ALLOW_HTTP": "1"}, "VELA_MCP_URL is not set"),
        ({"VELA_TRUSTED_PROXIES": "1"}, "VELA_MCP_URL is not set"),
        ({"VELA_TRUSTED_PROXIES": "1", "VELA_MCP_URL": "http://vela.example.com/mcp"}, "https://"),
        ({"VELA_MCP_URL": "vela.example.com"}, "VELA_MCP_URL must be an address"),
        ({"VELA_MCP_BIND": "unix:/run/vela"}, "VELA_MCP_BIND must be host:port"),
    ],
)
def test_it_does_not_start_where_it_could_not_be_safe(empty_file: Path, said: dict[str, str], words: str) -> None:
    told = {"VELA_DATABASE_URL": f"sqlite:///{empty_file}", "VELA_DATA_DIR": str(empty_file.parent)} | said
    refused = CliRunner().invoke(main, ["mcp"], env=told)
    assert refused.exit_code == 1
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_known_passwords_keep_it_from_others(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.transaction() as session:
        seed_demo(session)
    told = environment(tmp_path, database_url, VELA_TRUSTED_PROXIES="1", VELA_MCP_URL=SITE)
    refused = CliRunner().invoke(main, ["mcp"], env=told)
    assert refused.exit_code == 1
    assert "Everybody knows the passwords of admin, viewer" in refused.stderr


def test_one_process_serves_all_agents(database_url: str, tmp_path: Path) -> None:
    with serving(environment(tmp_path, database_url), tmp_path / "log") as served:
        other = environment(tmp_path, database_url)
        refused = CliRunner().invoke(main, ["mcp"], env=other)
        assert (refused.exit_code, "One process is enough" in refused.stderr) == (1, True)
        (tmp_path / "away").mkdir()
        taken = other | {"VELA_DATA_DIR": str(tmp_path / "away"), "VELA_MCP_BIND": f"127.0.0.1:{served.port}"}
        refused = CliRunner().invoke(main, ["mcp"], env=taken)
        assert (refused.exit_code, "set VELA_MCP_BIND to another port" in refused.stderr) == (1, True)
        restored = CliRunner().invoke(main, ["secret", "rotate"], env=other)
        assert restored.exit_code == 1


@pytest.mark.parametrize(
    ("lines", "hops", "from_where"),
    [
        ([], 1, "192.0.2.1"),
        (["198.51.100.7"], 0, "192.0.2.1"),
        (["198.51.100.7"], 1, "198.51.100.7"),
        (["made up, 198.51.100.7"], 1, "198.51.100.7"),
        (["made up", "198.51.100.7"], 1, "198.51.100.7"),
        (["198.51.100.7", "10.0.0.2"], 2, "198.51.100.7"),
        (["198.51.100.7"], 2, "192.0.2.1"),
    ],
)
def test_a_caller_is_where_the_outermost_trusted_proxy_says(lines: list[str], hops: int, from_where: str) -> None:
    headers = Headers(raw=[(b"x-forwarded-for", line.encode()) for line in lines])
    assert address_of(headers, "192.0.2.1", hops) == from_where
