"""Measures Vela beside a bare Flask view in the same run, and prints the table of docs/measurements.md.

Each request of Vela is followed by one of the bare view, so that whatever else the machine does meets both alike;
compare the ratios, the milliseconds belong to the machine.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench.books import FEW, MANY, make_books
from bench.client import Client, browser, script
from bench.servers import bare_command, started, vela_command

PORT, PORT_OF_MANY, PORT_OF_BARE = 8827, 8828, 8829
WARM_UP = 20
OFFER_PAGE = "/offers/1"
CELL = "/offers/1/components/1"


@dataclass(frozen=True)
class Measured:
    """Seconds that one thing took, and the bare view beside it, many times."""

    name: str
    seconds: list[float]
    bare: list[float]

    def row(self) -> str:
        typical, slow, bare = median(self.seconds), quantiles(self.seconds, n=20)[-1], median(self.bare)
        cells = (f"{1000 * typical:.1f}", f"{1000 * slow:.1f}", f"{1000 * bare:.1f}", f"{typical / bare:.1f}×")
        return f"| {self.name} | {len(self.seconds)} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=500, help="how often each request is made (500)")
    parser.add_argument("--starts", type=int, default=9, help="how often each server is started (9; 0 for none)")
    parser.add_argument("--only", default="", help="measure only the requests whose name holds this")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="vela-bench-") as folder:
        few, many = Path(folder, "few"), Path(folder, "many")
        make_books(few, FEW)
        make_books(many, MANY)
        starts = [cold_start(few, chosen.starts)] if chosen.starts else []
        measured = [*starts, *requests(few, many, chosen)]
    report(measured)


def cold_start(folder: Path, times: int) -> Measured:
    """From the start of the process to the first answer."""
    ours, bare = list[float](), list[float]()
    for _start in range(times):
        with started(PORT, vela_command(PORT, folder)) as seconds:
            ours.append(seconds)
        with started(PORT_OF_BARE, bare_command(PORT_OF_BARE)) as seconds:
            bare.append(seconds)
    return Measured("Cold start to the first answer of `GET /health`", ours, bare)


def requests(few: Path, many: Path, chosen: argparse.Namespace) -> Iterator[Measured]:
    """Each request whose name holds `chosen.only`, on warm servers; then the P&L of many sales beside that of few."""
    with ExitStack() as running:
        running.enter_context(started(PORT, vela_command(PORT, few)))
        running.enter_context(started(PORT_OF_MANY, vela_command(PORT_OF_MANY, many)))
        running.enter_context(started(PORT_OF_BARE, bare_command(PORT_OF_BARE)))
        bare = look(Client(PORT_OF_BARE), "/health")
        for name, prepare in REQUESTS.items():
            if chosen.only in name:
                yield side_by_side(name, prepare(), bare, chosen.requests)
        of_many, of_few = look(script(PORT_OF_MANY), "/api/pnl"), look(script(PORT), "/api/pnl")
        yield side_by_side(MANY_BESIDE_FEW, of_many, of_few, chosen.requests)


def look(client: Client, path: str) -> Callable[[], float]:
    return lambda: client.timed("GET", path)


def edit(client: Client) -> Callable[[], float]:
    """Each edit says something new, so each makes a revision and writes to the disk."""
    costs = itertools.cycle(("640", "600"))
    form = {"Content-Type": "application/x-www-form-urlencoded", "HX-Source": "input#unit_cost"}
    return lambda: client.timed("PATCH", CELL, f"unit_cost={next(costs)}", form, holds="<hx-partial")


MANY_BESIDE_FEW = f"The same with {MANY:,} sales in the month, beside the one with {FEW} instead of the bare view"
REQUESTS: dict[str, Callable[[], Callable[[], float]]] = {
    "`GET /health`": lambda: look(Client(PORT), "/health"),
    "Edit of one cell, `PATCH` of a unit cost as htmx sends it": lambda: edit(browser(PORT, OFFER_PAGE)),
    f"Page of an offer, `GET {OFFER_PAGE}`": lambda: look(browser(PORT, OFFER_PAGE), OFFER_PAGE),
    "Page of the P&L, `GET /profit`": lambda: look(browser(PORT, "/profit"), "/profit"),
    "Twelve months, `GET /api/dashboard`": lambda: look(script(PORT), "/api/dashboard"),
    "P&L of a month, `GET /api/pnl`": lambda: look(script(PORT), "/api/pnl"),
}


def side_by_side(name: str, ask: Callable[[], float], ask_bare: Callable[[], float], times: int) -> Measured:
    for _request in range(WARM_UP):
        ask()
        ask_bare()
    pairs = [(ask(), ask_bare()) for _request in range(times)]
    return Measured(name, [ours for ours, _bare in pairs], [bare for _ours, bare in pairs])


def report(measured: list[Measured]) -> None:
    print("| what | times | median, ms | 95 % within, ms | bare view, ms | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for each in measured:
        print(each.row())


if __name__ == "__main__":
    main()
