"""The arithmetic of a month: profits, margins, sums of months, and how one figure compares with another."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vela.domain.ledger.profit import Figures, MonthFigures, change_pct, of_period, summed
from vela.periods import Month, Quarter, Year

AMOUNT = st.decimals(0, Decimal("799999999999.99"), places=2)
FIGURES = st.builds(Figures, AMOUNT, AMOUNT, AMOUNT)


@pytest.mark.parametrize(
    ("revenue", "cost", "opex", "gross", "gross_pct", "net", "net_pct"),
    [
        ("53100", "27900", "800", "25200", "47.46", "24400", "45.95"),
        ("4000", "2000", "800", "2000", "50.00", "1200", "30.00"),
        ("100", "150", "10", "-50", "-50.00", "-60", "-60.00"),
        ("0", "0", "800", "0", None, "-800", None),
        ("0", "0", "0", "0", None, "0", None),
        ("3", "1", "0", "2", "66.67", "2", "66.67"),
        ("0", "5", "0", "-5", None, "-5", None),
    ],
)
def test_a_month_by_the_formulas(
    revenue: str, cost: str, opex: str, gross: str, gross_pct: str | None, net: str, net_pct: str | None
) -> None:
    month = MonthFigures(Decimal(revenue), Decimal(cost), Decimal(opex), Month(2026, 11))
    assert (month.gross_profit, month.net_profit) == (Decimal(gross), Decimal(net))
    assert month.gross_margin_pct == (None if gross_pct is None else Decimal(gross_pct))
    assert month.net_margin_pct == (None if net_pct is None else Decimal(net_pct))


@given(FIGURES)
def test_profits_are_differences_and_margins_need_revenue(month: Figures) -> None:
    assert month.gross_profit == month.total_revenue - month.total_cost
    assert month.net_profit == month.gross_profit - month.opex
    assert (month.gross_margin_pct is None) == (month.net_margin_pct is None) == (month.total_revenue == 0)
    if month.gross_margin_pct is not None:
        exact = 100 * Fraction(month.gross_profit) / Fraction(month.total_revenue)
        assert abs(Fraction(month.gross_margin_pct) - exact) <= Fraction(1, 200)


@given(st.lists(FIGURES, max_size=12))
def test_months_together_are_sums_with_margins_of_the_sums(months: list[Figures]) -> None:
    together = summed(months)
    assert together.total_revenue == sum(month.total_revenue for month in months)
    assert together.total_cost == sum(month.total_cost for month in months)
    assert together.opex == sum(month.opex for month in months)
    assert together.net_profit == sum(month.net_profit for month in months)
    assert (together.net_margin_pct is None) == (together.total_revenue == 0)


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [("117", "100", "17.00"), ("100", "117", "-14.53"), ("5", "0", None), ("0", "5", "-100.00"), ("5", "-5", "200.00"),
     ("-10", "-5", "-100.00"), ("100", "100", "0.00")],
)  # fmt: skip
def test_change_is_measured_against_what_was(now: str, before: str, change: str | None) -> None:
    assert change_pct(Decimal(now), Decimal(before)) == (None if change is None else Decimal(change))


@pytest.mark.parametrize(
    ("months", "quarter", "gross_pct", "net_pct"),
    [
        # The margins of the months are 50 and 0 percent: averaged they would be 25, by the sums they are 5.
        ([("100", "50", "0"), ("900", "900", "0"), ("0", "0", "0")], ("1000", "950", "0"), "5.00", "5.00"),
        ([("100", "40", "800"), ("0", "0", "800"), ("300.01", "100.01", "0.01")], ("400.01", "140.01", "1600.01"),
         "65.00", "-334.99"),
        ([("0", "0", "800")] * 3, ("0", "0", "2400"), None, None),
    ],
)  # fmt: skip
def test_a_quarter_by_its_sums(
    months: list[tuple[str, str, str]], quarter: tuple[str, str, str], gross_pct: str | None, net_pct: str | None
) -> None:
    third = Quarter(2026, 3)
    figures = [
        MonthFigures(Decimal(revenue), Decimal(cost), Decimal(opex), month)
        for (revenue, cost, opex), month in zip(months, third.span.months, strict=True)
    ]
    found = of_period(third, [*figures, MonthFigures(Decimal(7), Decimal(7), Decimal(7), Month(2026, 10))])
    assert (found.total_revenue, found.total_cost, found.opex) == tuple(map(Decimal, quarter))
    assert found.gross_margin_pct == (None if gross_pct is None else Decimal(gross_pct))
    assert found.net_margin_pct == (None if net_pct is None else Decimal(net_pct))


@given(st.lists(FIGURES, min_size=12, max_size=12))
def test_a_year_is_the_sum_of_its_quarters_and_of_its_months(figures: list[Figures]) -> None:
    year = Year(2026)
    months = [
        MonthFigures(each.total_revenue, each.total_cost, each.opex, month)
        for each, month in zip(figures, year.span.months, strict=True)
    ]
    quarters = [of_period(Quarter(2026, number), months) for number in (1, 2, 3, 4)]
    whole = of_period(year, months)
    for name in ("total_revenue", "total_cost", "opex", "gross_profit", "net_profit"):
        by_quarter = sum(getattr(each, name) for each in quarters)
        assert getattr(whole, name) == by_quarter == sum(getattr(each, name) for each in months)
    together = summed(months)
    assert (whole.gross_margin_pct, whole.net_margin_pct) == (together.gross_margin_pct, together.net_margin_pct)
