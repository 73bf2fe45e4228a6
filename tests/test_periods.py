"""Months: which texts are one, and stepping through them."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vela.periods import FIRST_YEAR, LAST_YEAR, Month, Quarter, Span, Year, months_ending, periods_ending

MONTHS = st.builds(Month, st.integers(FIRST_YEAR, LAST_YEAR), st.integers(1, 12))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-00",
        "2026-13",
        "2026-1",
        "2026-011",
        "26-01",
        "2026/01",
        "2026-01-01",
        "2026-01\n",
        "\n2026-01",
        " 2026-01",
        "2026-01 ",
        "2026\u201101",
        "2026\u221201",
        "٢٠٢٦-٠١",
        "２０２６-０１",
        "0000-01",
        "1899-12",
        "3000-01",
        "-026-01",
        "2026-01\x00",
        "2026-0a",
    ],
)
def test_only_four_and_two_ascii_digits_are_a_month(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) + r"\Z"):
        Month.parse(text)


@pytest.mark.parametrize("text", ["1900-01", "1999-12", "2000-02", "2026-11", "2999-12"])
def test_a_month_reads_back_as_it_was_written(text: str) -> None:
    assert str(Month.parse(text)) == text


@given(MONTHS)
def test_every_bookable_month_reads_back(month: Month) -> None:
    assert month.is_bookable
    assert Month.parse(str(month)) == month


@given(MONTHS, st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_steps_add_up_and_can_be_taken_back(month: Month, first: int, second: int) -> None:
    assert month.plus(first).plus(second) == month.plus(first + second)
    assert month.plus(first).plus(-first) == month
    assert 1 <= month.plus(first).number <= 12


@given(MONTHS)
def test_next_and_previous_are_neighbours_in_time(month: Month) -> None:
    assert month.next.previous == month == month.previous.next
    assert month.previous < month < month.next
    assert Month.of(month.first_day) == month


@given(MONTHS, MONTHS)
def test_months_compare_as_their_texts_do(one: Month, other: Month) -> None:
    assert (one < other) == (str(one) < str(other))


@given(MONTHS, st.integers(1, 60))
def test_a_run_of_months_has_no_gap(last: Month, count: int) -> None:
    run = months_ending(last, count)
    assert len(run) == count
    assert run[-1] == last
    assert all(one.next == other for one, other in pairwise(run))


def test_a_month_knows_its_days() -> None:
    assert [Month(2024, 2).days, Month(2026, 2).days, Month(2100, 2).days, Month(2026, 11).days] == [29, 28, 28, 30]
    assert Month.of(date(2026, 12, 31)).next == Month(2027, 1)


def test_months_before_and_after_the_books_are_not_bookable() -> None:
    assert not Month(FIRST_YEAR, 1).previous.is_bookable
    assert not Month(LAST_YEAR, 12).next.is_bookable


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-Q0", "2026-Q5", "2026-q1", "2026Q1", "1899-Q4", "3000-Q1", "2026-Q1\n"]
)
def test_only_a_year_and_q_and_a_digit_are_a_quarter(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) + r"\Z"):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["", "26", "02026", "1899", "3000", "٢٠٢٦", "2026 ", "2026-01"])
def test_only_four_digits_are_a_year(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text) + r"\Z"):
        Year.parse(text)


@given(MONTHS)
def test_a_month_lies_in_its_quarter_and_its_year(month: Month) -> None:
    for kind in (Quarter, Year):
        period = kind.of(month)
        assert kind.parse(str(period)) == period
        assert period.is_bookable
        assert period.span.covers(month)
        assert period.span.last.next == period.next.span.first
        assert period.previous.next == period == period.span.period


@given(MONTHS, st.integers(1, 60))
def test_a_span_falls_into_parts_without_gap_or_overlap(first: Month, count: int) -> None:
    span = Span(first, first.plus(count - 1))
    assert span.count == len(span.months) == count
    assert [month for part in span.parts for month in part.span.months] == span.months
    assert span.within(first.plus(-5), first) == first.span
    assert span.within(span.last.next, None) is None
    assert span.within(None, None) == span


def test_periods_end_with_the_last() -> None:
    assert [str(each) for each in periods_ending(Quarter(2026, 2), 4)] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    assert [str(each) for each in periods_ending(Year(2026), 2)] == ["2025", "2026"]


def test_long_spans_fall_into_quarters_and_years() -> None:
    assert Span(Month(2025, 1), Month(2026, 12)).parts == periods_ending(Quarter(2026, 4), 8)
    assert Span(Month(2023, 1), Month(2026, 12)).parts == periods_ending(Year(2026), 4)
    assert len(Span(Month(2023, 2), Month(2026, 12)).parts) == 47
    assert Span(Month(2026, 2), Month(2026, 4)).period is None
