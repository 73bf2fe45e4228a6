"""Requests that are sent twice at the same moment, and once more after a restart: each is done once, answered alike."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

from tests.proofs.counting import are_proven, count
from tests.proofs.service import admin_token, serving
from tests.proofs.writing import Client, Request, sale

PAIRS_AT_ONCE = 4


@dataclass(frozen=True)
class Repeats:
    """What sending everything three times came to."""

    keys: int
    sent: int

    def __str__(self) -> str:
        return (
            f"{self.keys} sales, each sent by two at the same moment and again after a restart: {self.sent} requests, "
            f"{self.keys} rows, one for each key; every answer the first one"
        )


def repeat(folder: Path, url: str, pairs: int) -> Repeats:
    """Send `pairs` sales three times each. Raises AssertionError for one that was lost, doubled or answered anew."""
    token = admin_token(url)
    asked = [sale() for _ in range(pairs)]
    others = [copy(each) for each in asked]
    with serving(folder, url) as service:
        _at_once(service.port, token, asked, others)
        assert service.stop() == 0
        service.start()
        later = [copy(each) for each in asked]
        _one_by_one(service.port, token, later)
        for first, second, third in zip(asked, others, later, strict=True):
            assert first.status == 201, first
            assert (second.status, second.said) == (third.status, third.said) == (201, first.said)
        assert count(service, asked)["sell"] == pairs
        are_proven(service)
        service.stop()
    return Repeats(pairs, 3 * pairs)


def _at_once(port: int, token: str, asked: Sequence[Request], others: Sequence[Request]) -> None:
    """Some pairs of people go through their share of the requests, both of a pair in step."""

    def side(requests: Sequence[Request], step: Barrier) -> None:
        client = Client(port, token)
        for each in requests:
            step.wait()
            assert client.send(each)
        client.close()

    with ThreadPoolExecutor(2 * PAIRS_AT_ONCE) as people:
        ended = []
        for share in range(PAIRS_AT_ONCE):
            step = Barrier(2)
            ended += [people.submit(side, each[share::PAIRS_AT_ONCE], step) for each in (asked, others)]
        for each in ended:
            each.result()


def _one_by_one(port: int, token: str, requests: Sequence[Request]) -> None:
    client = Client(port, token)
    for each in requests:
        assert client.send(each)
    client.close()
