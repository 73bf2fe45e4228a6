"""How many calls a caller gets in a minute: counted for each token, told with every answer, refused beyond."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Answer, Program, signed_in, with_token
from vela.rates import Rates
from vela.settings import Settings

POLICY = '"default";q=3;w=60'


class Clock:
    """Shows the time it is set to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(app: Flask, admin: Program) -> Clock:
    """Three calls a minute, from now on, and the clock that says when that is over."""
    clock = Clock()
    app.extensions["rates"] = Rates(3, clock)
    return clock


def left(answer: Answer) -> tuple[int, str | None, str | None]:
    return answer.status_code, answer.headers.get("RateLimit-Policy"), answer.headers.get("RateLimit")


def test_what_is_left_is_told_until_there_is_nothing(admin: Program, clock: Clock) -> None:
    for remaining, passed in ((2, 0), (1, 12.5), (0, 7.5)):
        clock.seconds += passed
        seconds = {2: 60, 1: 48, 0: 40}[remaining]
        assert left(admin.get("/api/services")) == (200, POLICY, f'"default";r={remaining};t={seconds}')
    refused = admin.post("/api/services", {"name": "Rif"})
    assert left(refused) == (429, POLICY, '"default";r=0;t=40')
    assert (refused.mimetype, refused.headers["Retry-After"]) == ("application/problem+json", "40")
    said: dict[str, Any] = refused.json
    assert (said["error"], said["retry_after"], said["limit"]) == ("TOO_MANY_CALLS", 40, 3)
    assert said["detail"] == "That was too many calls in a minute. Wait 40 seconds, then go on."
    clock.seconds += 39.9
    assert admin.get("/api/services").headers["Retry-After"] == "1"
    clock.seconds += 0.1
    services = admin.get("/api/services")
    assert left(services) == (200, POLICY, '"default";r=2;t=60')
    assert services.json == []  # what was refused was not done


def test_each_token_and_each_sign_in_has_calls_of_its_own(app: Flask, admin: Program, clock: Clock) -> None:
    token = with_token(app, admin, "read")
    again = signed_in(app, "salma")
    for _each in range(2):
        assert admin.get("/api/services").status_code == 200
    assert admin.get("/api/services").status_code == 429
    assert [each.get("/api/services").status_code for each in (token, again) for _each in range(3)] == [200] * 6
    spelled = Program(app)
    assert spelled.get("/api/services", headers={"Authorization": f"bearer {token.token} "}).status_code == 429


def test_whoever_has_no_good_token_is_counted_by_address(app: Flask, admin: Program, clock: Clock) -> None:
    tokens = ("", "made up", "vela_pat_madeup")
    assert [Program(app, token).get("/api/services").status_code for token in tokens] == [401] * 3
    refused = [Program(app, token).get("/api/services").status_code for token in (*tokens, "another")]
    assert refused == [429] * 4
    assert Program(app).log_in("salma").status_code == 429
    assert Program(app).get("/api/openapi.json").status_code == 429
    assert admin.get("/api/services").status_code == 200
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert Program(app).get("/api/services", **elsewhere).status_code == 401


def test_a_refused_call_is_told_too(admin: Program, clock: Clock) -> None:
    assert left(admin.get("/api/services/77")) == (404, POLICY, '"default";r=2;t=60')
    assert left(admin.get("/api/services?colour=blue")) == (422, POLICY, '"default";r=1;t=60')


def test_health_is_never_counted(stranger: Program, clock: Clock) -> None:
    answers = [stranger.get(path) for path in ("/health", "/health/live", "/health/ready") for _each in range(4)]
    assert {each.status_code for each in answers} <= {200, 503}
    assert {left(each)[1:] for each in answers} == {(None, None)}


def test_without_a_limit_nothing_is_counted_or_told(app: Flask, admin: Program, unlimited: None) -> None:
    assert {left(admin.get("/api/services")) for _each in range(5)} == {(200, None, None)}


@pytest.mark.parametrize(("said", "most"), [({}, 1200), ({"VELA_API_RATE": "0"}, 0), ({"VELA_API_RATE": "5"}, 5)])
def test_the_operator_says_how_many(said: dict[str, str], most: int) -> None:
    assert Settings.from_environment(said).api_rate == most


def test_calls_at_once_are_counted_one_by_one() -> None:
    rates = Rates(500)

    def take(_each: int) -> bool:
        allowance = rates.take("salma")
        assert allowance is not None
        return allowance.is_over

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(800))) == 300


def test_whoever_does_not_come_back_is_forgotten() -> None:
    clock = Clock()
    rates = Rates(3, clock)
    for number in range(50):
        rates.take(f"address {number}")
    clock.seconds += 60
    rates.take("salma")
    assert list(rates._calls) == ["salma"]  # noqa: SLF001  (nothing else shows it)


def test_the_document_says_so_of_every_call(stranger: Program) -> None:
    document = stranger.get("/api/openapi.json").json
    operations = {path: list(item.values()) for path, item in document["paths"].items() if path.startswith("/api/")}
    named = {"RateLimit", "RateLimit-Policy"}
    assert set(document["components"]["headers"]) == named
    for operation in (each for path in operations.values() for each in path):
        refused = operation["responses"]["429"]
        assert "Retry-After" in refused["headers"]
        assert "TOO_MANY_CALLS" in str(refused)
        assert all(named <= set(response["headers"]) for response in operation["responses"].values())
    assert not named & set(document["paths"]["/health"]["get"]["responses"]["200"]["headers"])
