"""Measures the palette on books of 10,000 components and 10,000 sales with a note: `python -m bench.finding`.

With `--postgres URL`, which names an empty database, it measures the same there. What is typed last finds nothing, for
which everything is looked through.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bench.__main__ import PORT, PORT_OF_BARE, Measured, look, report, side_by_side
from bench.client import Client, browser
from bench.servers import bare_command, started, vela_command
from vela import schema
from vela.db import Database
from vela.seeding import seed_demo, seed_essentials

OFFERS, COMPONENTS, SALES = 1_000, 10_000, 10_000
TYPED = {"елка": "%D0%B5%D0%BB%D0%BA%D0%B0", "atlas": "atlas", "a": "a", "nothing like it": "nothing+like+it"}

NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
FILL = (
    (
        OFFERS,
        """INSERT INTO services (name, name_key, name_folded, description, description_folded, active, version,
                                 created_at, updated_at)
        {numbers} SELECT 'Тариф ' || n, 'тариф ' || n, 'тариф ' || n, 'Облако', 'облако', true, 1,
                         created_at, updated_at FROM numbers, services WHERE services.id = 1""",
    ),
    (
        COMPONENTS,
        """INSERT INTO components (service_id, position, name, name_folded, group_name, kind, quantity, unit_cost,
                                   unit_sell, notes, version)
        {numbers} SELECT (SELECT max(id) FROM services) - n % 1000, n, 'Накопитель Ёлка ' || n,
                         'накопитель елка ' || n, '', 'part', 10000, 1, 2,
                         '', 1 FROM numbers""",
    ),
    (
        SALES,
        """INSERT INTO transactions (service_id, revision_id, quantity, month, notes, notes_folded, revenue, cost,
                                     created_at, created_by, face, sample, version)
        {numbers} SELECT service_id, revision_id, quantity, month, 'Продление для клиента ' || n,
                         'продление для клиента ' || n, revenue, cost, created_at, created_by, face,
                         sample, version FROM numbers, transactions WHERE id = 1""",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.finding", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=200, help="how often each request is made (200)")
    parser.add_argument("--postgres", default="", help="an empty PostgreSQL database to measure too")
    chosen = parser.parse_args()
    measured = list[Measured]()
    with TemporaryDirectory(prefix="vela-bench-") as folder:
        urls = {"SQLite": f"sqlite:///{folder}/vela.db"}
        if chosen.postgres:
            urls["PostgreSQL"] = chosen.postgres
        for name, url in urls.items():
            fill(url)
            measured += finding(name, vela_on(folder, url), chosen.requests)
    report(measured)


def fill(url: str) -> None:
    """Books of many offers, components and sales with notes."""
    database = Database(url)
    schema.upgrade(database)
    with database.transaction() as session:
        seed_essentials(session)
        seed_demo(session)
        for count, statement in FILL:
            session.execute(text(statement.format(numbers=NUMBERS)), {"count": count})
    database.close()


def vela_on(folder: str, url: str) -> tuple[Sequence[str], Mapping[str, str]]:
    words, environment = vela_command(PORT, Path(folder))
    return words, {**environment, "VELA_DATABASE_URL": url}


def finding(database: str, command: tuple[Sequence[str], Mapping[str, str]], times: int) -> list[Measured]:
    """The palette's answer to each thing that is typed, beside the bare view."""
    with ExitStack() as running:
        running.enter_context(started(PORT, command))
        running.enter_context(started(PORT_OF_BARE, bare_command(PORT_OF_BARE)))
        client, bare = browser(PORT, "/"), look(Client(PORT_OF_BARE), "/health")
        return [
            side_by_side(f"“{typed}” in the palette, {database}", look(client, f"/find?q={query}"), bare, times)
            for typed, query in TYPED.items()
        ]


if __name__ == "__main__":
    main()
