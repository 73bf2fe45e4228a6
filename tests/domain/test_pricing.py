"""The arithmetic of an offer: the owner's own offers as a table, and what must hold for any."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vela import money
from vela.domain.catalog import pricing
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.preset import preset_offers
from vela.domain.catalog.pricing import Line, Totals
from vela.intake import read

PRICE = st.decimals(0, 100_000, places=5)
SIGNED = st.decimals(-100_000, 100_000, places=5)
QUANTITY = st.decimals(Decimal("0.0001"), 1000, places=4)
NAME = st.sampled_from(["HDD", "RAM", "CPU", "Setup"])


def lines(prices: st.SearchStrategy[Decimal] = PRICE, least: int = 0) -> st.SearchStrategy[list[Line]]:
    return st.lists(st.builds(Line, NAME, NAME, QUANTITY, prices, prices), min_size=least, max_size=15)


@pytest.mark.parametrize(
    ("name", "cost", "sell", "margin_pct", "list_gap"),
    [
        ("Atlas", 2000, 4000, "50.00", 0),
        ("Atlas+", 3000, 5700, "47.37", -700),
        ("Rif", 1700, 3600, "52.78", -100),
        ("Rif+", 2900, 5600, "48.21", -1100),
    ],
)
def test_the_preset_offers_add_up(name: str, cost: int, sell: int, margin_pct: str, list_gap: int) -> None:
    offer = read(NewService, next(words for words in preset_offers() if words["name"] == name))
    parts = [Line(part.name, part.group, part.quantity, part.unit_cost, part.unit_sell) for part in offer.components]
    found = pricing.totals(parts)
    assert found == Totals(Decimal(cost), Decimal(sell))
    assert found.margin == sell - cost
    assert found.margin_pct == Decimal(margin_pct)
    assert pricing.list_gap(found, offer.list_sell) == list_gap


@pytest.mark.parametrize(
    ("quantity", "unit_cost", "cost"),
    [("1", "600", "600.00"), ("3", "0.00167", "0.01"), ("3", "0.00166", "0.00"), ("0.5", "0.01", "0.01"),
     ("2.5", "199.99", "499.98"), ("1", "-0.005", "-0.01"), ("9999999.9999", "0.00001", "100.00")],
)  # fmt: skip
def test_a_line_is_rounded_half_up_to_the_centime(quantity: str, unit_cost: str, cost: str) -> None:
    line = Line("part", "", Decimal(quantity), Decimal(unit_cost), Decimal(0))
    assert str(pricing.line_totals(line).cost) == cost


def test_lines_are_rounded_before_they_are_added() -> None:
    thirds = [Line("part", "", Decimal(1), Decimal("0.005"), Decimal("0.004"))] * 3
    assert pricing.totals(thirds) == Totals(Decimal("0.03"), Decimal("0.00"))


@given(lines(SIGNED))
def test_a_total_is_the_sum_of_the_shown_lines(parts: list[Line]) -> None:
    shown = [pricing.line_totals(part) for part in parts]
    found = pricing.totals(parts)
    assert Fraction(found.cost) == sum(Fraction(each.cost) for each in shown)
    assert Fraction(found.sell) == sum(Fraction(each.sell) for each in shown)
    for part, each in zip(parts, shown, strict=True):
        exact = Fraction(part.quantity) * Fraction(part.unit_cost)
        assert abs(Fraction(each.cost) - exact) <= Fraction(1, 200)


@given(lines(SIGNED))
def test_margin_is_what_is_left_and_unknown_without_a_price(parts: list[Line]) -> None:
    found = pricing.totals(parts)
    assert found.margin == found.sell - found.cost
    assert (found.margin_pct is None) == (found.sell <= 0)


@given(lines(SIGNED).flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts))))
def test_the_order_of_lines_changes_no_figure(both: tuple[list[Line], list[Line]]) -> None:
    parts, shuffled = both
    assert pricing.totals(parts) == pricing.totals(shuffled)
    amounts = [(share.cost, share.margin) for share in pricing.split(parts)]
    assert amounts == [(share.cost, share.margin) for share in pricing.split(shuffled)]


@given(lines(SIGNED), st.integers(2, 9))
def test_a_split_keeps_every_centime_in_a_few_parts(parts: list[Line], most: int) -> None:
    shares, whole = pricing.split(parts, most), pricing.totals(parts)
    assert len(shares) <= most
    assert sum(share.cost for share in shares) == whole.cost
    assert sum(share.margin for share in shares) == whole.margin
    assert [share.cost for share in shares[: most - 1]] == sorted(
        (pricing.line_totals(part).cost for part in parts), reverse=True
    )[: most - 1]
    assert all((share.cost_pct is None) == (whole.cost == 0) for share in shares)


@given(lines())
def test_shares_of_the_cost_add_up_to_a_hundred(parts: list[Line]) -> None:
    shares = pricing.split(parts)
    if pricing.totals(parts).cost:
        assert abs(sum(share.cost_pct or 0 for share in shares) - 100) <= Decimal("0.005") * len(shares)


def everything(_line: Line) -> bool:
    return True


@given(lines(SIGNED))
def test_supposing_nothing_changes_nothing(parts: list[Line]) -> None:
    scenario = pricing.what_if(parts, cost_change=Decimal(0), sell_change=Decimal(0), applies=everything)
    assert scenario.now == scenario.then == pricing.totals(parts)


def test_dearer_memory_moves_only_memory() -> None:
    parts = [
        Line("RAM", "Compute", Decimal(2), Decimal(150), Decimal(250)),
        Line("HDD", "Storage", Decimal(1), Decimal(600), Decimal(1000)),
    ]
    scenario = pricing.what_if(
        parts, cost_change=Decimal(10), sell_change=Decimal(0), applies=lambda line: line.name == "RAM"
    )
    assert scenario.now == Totals(Decimal(900), Decimal(1500))
    assert scenario.then == Totals(Decimal(930), Decimal(1500))
    assert scenario.price_to_keep_margin == Decimal("1550.00")


def test_supposed_unit_prices_are_rounded_as_if_typed_in() -> None:
    part = Line("meter", "", Decimal(1_000_000), Decimal("0.00001"), Decimal("0.00003"))
    scenario = pricing.what_if([part], cost_change=Decimal(40), sell_change=Decimal(50), applies=everything)
    assert scenario.then == Totals(Decimal("10.00"), Decimal("50.00"))


def test_a_fall_of_a_hundred_percent_leaves_nothing() -> None:
    part = Line("part", "", Decimal(3), Decimal("1.23457"), Decimal("9.99999"))
    scenario = pricing.what_if([part], cost_change=Decimal(-100), sell_change=Decimal(-100), applies=everything)
    assert scenario.then == Totals(money.ZERO, money.ZERO)
    assert scenario.price_to_keep_margin == 0


@given(
    st.decimals(0, 1_000_000, places=2),
    st.decimals(Decimal("0.01"), 1_000_000, places=2),
    st.decimals(Decimal("0.01"), 1_000_000, places=2),
)
def test_the_suggested_price_keeps_the_ratio_within_half_a_centime(cost: Decimal, was: Decimal, sold: Decimal) -> None:
    price = pricing.price_for_margin(cost, Totals(was, sold))
    assume(price is not None)
    exact = Fraction(cost) * Fraction(sold) / Fraction(was)
    assert abs(Fraction(price or 0) - exact) <= Fraction(1, 200)


@pytest.mark.parametrize(
    ("cost", "was", "sold"),
    [("5", "0", "10"), ("5", "10", "0"), ("-5", "10", "20"), ("9999999999999.99", "0.01", "9999999999999.99")],
)
def test_no_price_is_suggested_where_none_would_do(cost: str, was: str, sold: str) -> None:
    assert pricing.price_for_margin(Decimal(cost), Totals(Decimal(was), Decimal(sold))) is None


def test_a_list_price_that_is_not_there_has_no_gap() -> None:
    assert pricing.list_gap(Totals(Decimal(1), Decimal(2)), None) is None
    assert pricing.list_gap(Totals(Decimal(1), Decimal(2)), Decimal("0.00")) == -2


@pytest.mark.parametrize(
    ("cost", "margin_pct", "price"),
    [("900", "40", "1500.00"), ("900", "0", "900.00"), ("900", "45.5", "1651.38"), ("0.01", "33.33", "0.01"),
     ("1", "99.99", "10000.00"), ("9999999999999.99", "0", "9999999999999.99")],
)  # fmt: skip
def test_a_price_leaves_the_margin_that_was_wanted_to_the_centime(cost: str, margin_pct: str, price: str) -> None:
    assert str(pricing.price_at_margin(Decimal(cost), Decimal(margin_pct))) == price


@pytest.mark.parametrize(("cost", "margin_pct"), [("900", "100"), ("9999999999999.99", "1")])
def test_no_price_leaves_everything_or_is_too_large_to_be_written(cost: str, margin_pct: str) -> None:
    assert pricing.price_at_margin(Decimal(cost), Decimal(margin_pct)) is None
