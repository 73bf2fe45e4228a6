"""Measures what a call of the JSON API costs beside a Flask view that answers the same bytes, in the same run.

`python -m bench.calls` prints the table of docs/measurements.md. Both are served by gunicorn with the same options;
each request to Vela is followed by one to the bare view, on one kept connection each, so that whatever else the machine
does meets both alike.
"""

import argparse
from contextlib import ExitStack
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory

from bench.books import FEW, make_books
from bench.client import Client, script
from bench.servers import bare_command, started, vela_command

PORT, PORT_OF_BARE = 8831, 8832
CALL = "/api/services/1"
WARM_UP = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.calls", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=2000, help="how often each is asked (2000)")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="vela-bench-") as folder, ExitStack() as running:
        make_books(Path(folder), FEW)
        running.enter_context(started(PORT, vela_command(PORT, Path(folder))))
        running.enter_context(started(PORT_OF_BARE, bare_command(PORT_OF_BARE)))
        ours, bare = script(PORT), Client(PORT_OF_BARE)
        size = send_over(ours, bare)
        pairs = [
            (ours.timed("GET", CALL), bare.timed("GET", "/bytes")) for _request in range(WARM_UP + chosen.requests)
        ]
    pairs = pairs[WARM_UP:]
    print("| what | times | median, ms | 99 % within, ms | calls per second, one at a time |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(row(f"`GET {CALL}`, {size:,} bytes", [seconds for seconds, _bare in pairs]))
    print(row("The bare view with the same bytes", [seconds for _ours, seconds in pairs]))


def send_over(ours: Client, bare: Client) -> int:
    """Have the bare view answer what Vela does; returns how many bytes that is."""
    text = ours.ask("GET", CALL)
    bare.ask("PUT", "/bytes", text)
    if bare.ask("GET", "/bytes") != text:
        raise SystemExit("the bare view answers something else")
    return len(text.encode())


def row(name: str, seconds: list[float]) -> str:
    figures = (1000 * median(seconds), 1000 * quantiles(seconds, n=100)[-1])
    return f"| {name} | {len(seconds)} | {figures[0]:.2f} | {figures[1]:.2f} | {1 / mean(seconds):.0f} |"


if __name__ == "__main__":
    main()
