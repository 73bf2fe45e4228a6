"""Every figure of the statement opens what it is made of, and that adds up to it, to the centime."""

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests import make
from vela.db import Database
from vela.domain.catalog.commands import revise_component
from vela.domain.catalog.intake import ComponentChanges
from vela.domain.ledger.commands import void_sale
from vela.domain.ledger.queries import transactions
from vela.intake import read

CELL = re.compile(
    r'<td class="num[^"]*"(?: title="([^"]+)")?>(?:<a class="v-fig" href="([^"]+)">)?([^<]+)(?:</a>)?</td>'
)
TOTAL = re.compile(r'data-total="(\w+)"[^>]*>([^<]+)<')
NOVEMBER = "from=2026-11&to=2026-11"


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-"))


def random_books(database: Database, seed: int) -> None:
    """Offers that are repriced between sales in three years, some of them voided, and expenses that come and go."""
    dice = random.Random(seed)  # noqa: S311  (the same books each time)
    with database.transaction() as session:
        offers = [make.offer(session, name, ("HDD", "61.15", "99.99")) for name in ("Atlas", "Rif & <b>", "Toubkal")]
        for offer in offers:
            make.component(session, offer, "RAM", "30.5", "50", group="Compute & co", quantity="1.5")
            make.component(session, offer, "CPU", "7.77777", "12", group="Compute & co")
        for _ in range(45):
            offer = dice.choice(offers)
            if dice.random() < 0.4:
                part = dice.choice(offer.components)
                cost = Decimal(dice.randint(0, 99999)) / 1000
                revise_component(session, make.admin(), part.id, read(ComponentChanges, {"unit_cost": cost}))
            month = f"{dice.choice((2025, 2026, 2026))}-{dice.randint(1, 11):02d}"
            sold = make.sale(session, offer, dice.randint(1, 9), month)
            if dice.random() < 0.15:
                void_sale(session, make.admin(), sold.id)
        make.expense(session, "Rack", "99.99", first_month="2026-02", last_month="2026-08")
        make.expense(session, "Power", "12.34", first_month="2026-06")


def linked_figures(page: str) -> Iterator[tuple[Decimal, str, str]]:
    """Each figure of the statement that is not nothing: exactly, as it is written, and where it leads."""
    body = page.partition('id="statement-rows"')[2].partition("</tbody>")[0]
    for exact, source, shown in CELL.findall(body):
        if not source:
            assert shown in ("0", "—"), f"{shown} leads nowhere"
        else:
            yield number((exact or shown).rstrip("%")), shown, unescape(source)


@pytest.mark.parametrize(("seed", "view"), [(1, "month=2026-11"), (2, "by=quarter&to=2026-Q4"), (3, "by=year&to=2026")])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_figure_is_the_sum_of_what_it_opens(
    viewer: FlaskClient, database: Database, seed: int, view: str
) -> None:
    random_books(database, seed)
    pages, walked = dict[str, str](), 0
    for exact, shown, source in linked_figures(viewer.get(f"/profit?{view}&open=revenue,cost").text):
        path, _, line = source.partition("#")
        if path not in pages:
            answer = viewer.get(path)
            assert answer.status_code == 200, path
            pages[path] = answer.text
        walked += 1
        if shown.endswith("%"):
            (margin,) = re.findall(rf"{line} margin ([^%]+)%", pages[path])
            assert abs(number(margin) - exact) <= Decimal("0.05"), (source, shown)
            continue
        totals = {name: number(text) for name, text in TOTAL.findall(pages[path])}
        found = totals[line] if line else next(iter(totals.values()))
        assert abs(found) == abs(exact), (source, shown)
        assert exact == found or not line
    assert walked > 30
    for path, text in pages.items():
        assert_adds_up(path, text)


def assert_adds_up(path: str, page: str) -> None:
    """That the rows under a figure are that figure."""
    label = {"/profit/cost": "Cost", "/profit/opex": "Together"}.get(path.partition("?")[0])
    if path.startswith("/transactions"):
        rows = re.findall(r'aria-label="Sale \d+: ([^"]+)"', page)
    elif label:
        body = page.partition("v-made")[2].partition("</tbody>")[0]
        rows = re.findall(rf'data-label="{label}">(?:<a [^>]+>)?([^<]+)<', body)
    else:
        return
    (total, *_) = [number(text) for _, text in TOTAL.findall(page)]
    assert sum(number(row) for row in rows) == total, path


def test_a_part_opens_the_sales_that_were_made_with_it(viewer: FlaskClient, database: Database) -> None:
    random_books(database, 3)
    parts = viewer.get("/profit/cost?from=2025-01&to=2026-12&group=HDD").text
    rows = re.findall(r'data-label="Sold"><a class="v-fig" href="([^"]+)">([^<]+)</a>', parts)
    assert len(rows) > 3, "each price has a line of its own"
    for source, sold in rows:
        foot = viewer.get(unescape(source)).text.partition("<tfoot>")[2]
        assert number(re.findall(r'<td class="num hide-m">([^<]+)</td>', foot)[0]) == number(sold)
    assert "Only sales with HDD at a unit cost of" in viewer.get(unescape(rows[0][0])).text


def test_a_sale_shows_the_prices_of_its_day(viewer: FlaskClient, database: Database) -> None:
    random_books(database, 4)
    with database.reading() as session:
        sold = [(sale.id, sale.cost, sale.revenue, sale.revision.number) for sale in transactions(session)][:10]
    for identity, cost, revenue, revision in sold:
        page = viewer.get(f"/transactions/{identity}").text
        assert {name: number(text) for name, text in TOTAL.findall(page)} == {"cost": cost, "revenue": revenue}
        body = page.partition("<tbody>")[2].partition("</tbody>")[0]
        for label, total in (("Cost", cost), ("Revenue", revenue)):
            assert sum(number(each) for each in re.findall(rf'data-label="{label}">([^<]+)<', body)) == total
        assert re.search(rf'/history\?before={revision + 1}#revision-{revision}"', page)
        assert "by Operator at the command line" in page
        assert "Оператор" in viewer.get(f"/transactions/{identity}", headers={"Accept-Language": "ru"}).text
    assert viewer.get("/transactions/99999").status_code == 404


def test_a_voided_sale_says_so_and_can_count_again(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        sold = make.sale(session, make.offer(session), 2)
        void_sale(session, make.admin(), sold.id)
        path = f"/transactions/{sold.id}"
    page = admin.get(path).text
    assert "It counts in no figure." in page
    assert f'action="{path}/reinstate"' in page
    assert "Void this sale" not in page


@pytest.mark.parametrize("path", ["/profit/cost", "/profit/opex", "/profit/result", "/transactions"])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-13&to=2026-12", "Write the month as YYYY-MM"),
        ("from=2026-12&to=2026-11", "cannot come before"),
        ("from=1900-01&to=2026-12", "Choose fifty years at most."),
    ],
)
def test_months_that_are_none_are_refused_in_words(viewer: FlaskClient, path: str, query: str, words: str) -> None:
    answer = viewer.get(f"{path}?{query}")
    assert (answer.status_code, words in answer.text) == (422, True)


def test_a_time_in_which_nothing_was_sold_says_so(viewer: FlaskClient) -> None:
    assert "Nothing was sold of it" in viewer.get(f"/profit/cost?{NOVEMBER}").text
    assert "no revenue, no margin" in viewer.get(f"/profit/result?{NOVEMBER}").text
    assert dict(TOTAL.findall(viewer.get("/profit/opex?from=2026-11").text)) == {"opex": "800"}
