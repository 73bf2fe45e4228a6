"""Rounding, percentages and reading typed amounts, against tables and against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vela import money

AMOUNTS = st.decimals(-money.MOST_AMOUNT, money.MOST_AMOUNT, places=2)
PRICES = st.decimals(-money.MOST_UNIT_PRICE, money.MOST_UNIT_PRICE, places=5)
WHOLES = st.decimals(Decimal("0.01"), money.MOST_AMOUNT, places=2)


def half_up(exact: Fraction, places: int) -> Fraction:
    """The rule in other words: the nearest, and of two as near the one further from zero."""
    scaled = abs(exact) * 10**places
    nearest = floor(scaled + Fraction(1, 2))
    return Fraction(nearest if exact >= 0 else -nearest, 10**places)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049999", 2, "0.00"),
        ("-0.005", 2, "-0.01"),
        ("2.675", 2, "2.68"),
        ("1.005", 2, "1.01"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1E+3", 2, "1000.00"),
        ("0.000005", 5, "0.00001"),
        ("9999999999999.985", 2, "9999999999999.99"),
    ],
)
def test_halves_go_away_from_zero(value: str, places: int, rounded: str) -> None:
    assert str(money.rounded(Decimal(value), places)) == rounded


def test_what_rounds_to_zero_is_no_negative_zero() -> None:
    assert str(money.rounded(Decimal("-0.004"))) == "0.00"
    assert str(money.percent(Decimal("-0.01"), Decimal(100_000))) == "0.00"


@given(PRICES, st.integers(0, 5))
def test_rounding_agrees_with_exact_fractions(value: Decimal, places: int) -> None:
    assert Fraction(money.rounded(value, places)) == half_up(Fraction(value), places)


@given(PRICES, st.decimals(0, money.MOST_QUANTITY, places=4))
def test_a_line_is_rounded_from_its_exact_product(price: Decimal, quantity: Decimal) -> None:
    assert Fraction(money.rounded(price * quantity)) == half_up(Fraction(price) * Fraction(quantity), 2)


@given(AMOUNTS, WHOLES)
def test_percent_agrees_with_exact_fractions(part: Decimal, whole: Decimal) -> None:
    assert Fraction(money.percent(part, whole) or 0) == half_up(100 * Fraction(part) / Fraction(whole), 2)


@given(WHOLES, WHOLES, WHOLES)
def test_a_ratio_is_exact_however_large_its_product(amount: Decimal, above: Decimal, below: Decimal) -> None:
    exact = Fraction(amount) * Fraction(above) / Fraction(below)
    assert Fraction(money.ratio(amount, above, below)) == half_up(exact, 2)


def test_percent_of_nothing_is_unknown() -> None:
    assert money.percent(Decimal(5), Decimal("0.00")) is None
    assert money.percent(Decimal(0), Decimal(5)) == 0


@given(st.lists(AMOUNTS, max_size=50), st.randoms(use_true_random=False))
def test_a_total_is_exact_in_any_order(amounts: list[Decimal], random: Random) -> None:
    shuffled = list(amounts)
    random.shuffle(shuffled)
    assert Fraction(money.total(shuffled)) == sum(map(Fraction, amounts))
    assert money.total([]) == money.ZERO


# ---------- typed amounts


@pytest.mark.parametrize(
    ("typed", "mark", "plain"),
    [
        # plain, and signs
        ("400", ".", "400"),
        ("0", ".", "0"),
        ("  400 ", ".", "400"),
        ("-400", ".", "-400"),
        ("\u2212400", ".", "-400"),
        ("- 400", ",", "-400"),
        # either mark is the decimal one
        ("315,50", ".", "315.50"),
        ("315.50", ",", "315.50"),
        ("0,5", ".", "0.5"),
        (".5", ".", "0.5"),
        (",5", ",", "0.5"),
        ("5.", ".", "5"),
        ("0.12345", ",", "0.12345"),
        # of two marks the last is the decimal one
        ("1,234.5", ",", "1234.5"),
        ("1.234,5", ".", "1234.5"),
        ("1.234,567", ".", "1234.567"),
        ("1,234,567.89", ",", "1234567.89"),
        ("1.234.567,89", ".", "1234567.89"),
        # a mark that stands more than once groups
        ("1,234,567", ",", "1234567"),
        ("1.234.567", ".", "1234567"),
        # a single mark before three digits follows the reader's language
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ".", "1.234"),
        ("1.234", ",", "1234"),
        ("-1.234", ",", "-1234"),
        ("999,000", ".", "999000"),
        # but not where it cannot group
        ("0,500", ".", "0.500"),
        ("1234,567", ".", "1234.567"),
        ("1,2345", ".", "1.2345"),
        # spaces and apostrophes group
        ("53 100,50", ".", "53100.50"),
        ("53\u00a0100,50", ",", "53100.50"),
        ("53\u202f100.5", ".", "53100.5"),
        ("53'100.50", ".", "53100.50"),
        ("53\u2019100,50", ",", "53100.50"),
        ("1 234 567", ".", "1234567"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, mark: str, plain: str) -> None:
    assert money.plain_number(typed, mark) == plain


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        ".",
        "abc",
        "4OO",
        "1e5",
        "1_000",
        "--5",
        "5-",
        "+-5",
        "1,23,4",
        "1,234,56",
        "1,234.567.890",
        "1.2.3,4",
        "12,34.5,6",
        "٤٠٠",
        "４００",
        "NaN",
        "Infinity",
        "400 MAD",
        "400\x00",
        "=1+1",
    ],
)
def test_what_is_no_amount_comes_back_to_be_refused(typed: str) -> None:
    assert money.plain_number(typed, ".") == typed.strip()


STYLES = {"en": (",", "."), "es": (".", ","), "fr": ("\u00a0", ","), "ru": ("\u00a0", ","), "ch": ("'", ".")}


def written(value: Decimal, group: str, mark: str) -> str:
    text = f"{abs(value):,f}".replace(".", "!").replace(",", group).replace("!", mark)
    return f"\u2212{text}" if value < 0 else text


@given(st.sampled_from(sorted(STYLES)), st.one_of(AMOUNTS, PRICES, st.integers(-(10**9), 10**9).map(Decimal)))
def test_what_is_shown_can_be_typed_in_again(style: str, value: Decimal) -> None:
    group, mark = STYLES[style]
    assert Decimal(money.plain_number(written(value, group, mark), mark)) == value


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_reading_any_text_never_fails_and_repeats_itself(text: str, mark: str) -> None:
    plain = money.plain_number(text, mark)
    if plain != text.strip():
        assert money.plain_number(plain, ".") == plain


@pytest.mark.parametrize("text", ["1 2", "12 34", "1 2345", "1'23", "1 234 56"])
def test_gaps_group_by_three_or_it_is_no_number(text: str) -> None:
    assert money.plain_number(text) == text
