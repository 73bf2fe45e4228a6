"""Exact money: rounding, percentages, and reading amounts as people type them.

Amounts have two decimals (the minor unit of the currencies Vela keeps books in), unit prices up to five,
component quantities up to four, percentages two. All are decimals; nothing here is ever a binary fraction.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

ZERO = Decimal("0.00")

AMOUNT_PLACES = 2
UNIT_PRICE_PLACES = 5
QUANTITY_PLACES = 4
PERCENT_PLACES = 2

# Fifteen significant digits survive a trip through a reader that parses JSON numbers as binary doubles.
MOST_AMOUNT = Decimal("9999999999999.99")
MOST_UNIT_PRICE = Decimal("9999999999.99999")
MOST_QUANTITY = Decimal("9999999.9999")
_ENOUGH_DIGITS = 80


def rounded(value: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
    """`value` to `places` decimals, halves away from zero (the commercial rule); never a negative zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts, 0.00 for none."""
    return sum(amounts, ZERO)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """100 · part / whole in percent, two decimals; None when there is no whole to speak of."""
    return rounded(100 * part / whole, PERCENT_PLACES) if whole else None


def points(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """By how many percentage points a percentage moved; None when one of the two is not known."""
    return None if before is None or after is None else after - before


def ratio(amount: Decimal, numerator: Decimal, denominator: Decimal) -> Decimal:
    """amount · numerator / denominator to the minor unit, exact however large the product; `denominator` is not 0."""
    with localcontext(prec=_ENOUGH_DIGITS):
        return rounded(amount * numerator / denominator)


def places_of(value: Decimal) -> int:
    """How many decimals a finite `value` really has, however many digits it is written with: 1.50 has one, 100 none."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return 0
    written = "".join(map(str, digits))
    return max(0, -exponent - (len(written) - len(written.rstrip("0"))))


_GAPS = re.compile(r"[\s\u00a0\u202f'’]")
_GAPPED = re.compile(r"[0-9]{1,3}(?:[\s\u00a0\u202f'’][0-9]{3})+(?:[.,][0-9]*)?")
_TYPED = re.compile(r"[-\u2212]?[0-9]*(?:[.,][0-9]*)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*")


def plain_number(text: str, decimal_mark: str = ".") -> str:
    """What a person typed as a number, rewritten as plain `-1234.5`.

    Spaces and apostrophes may group digits by three. Either mark may be the decimal one: of two different marks the
    last is; a mark that stands more than once groups thousands; a single mark followed by exactly three digits is read
    the way of the reader's language, whose decimal mark is `decimal_mark`.
    Text that cannot be read this way comes back as it was, for whoever checks it to refuse.
    """
    text = text.strip()
    unsigned = text.lstrip("-\u2212").lstrip()
    if _GAPS.search(unsigned) and not _GAPPED.fullmatch(unsigned):
        return text
    compact = _GAPS.sub("", text)
    if not re.search("[0-9]", compact) or not _TYPED.fullmatch(compact):
        return text.strip()
    sign = "-" if compact[0] in "-\u2212" else ""
    digits = compact.lstrip("-\u2212")
    mark = _decimal_mark_of(digits, decimal_mark)
    whole, _, fraction = digits.rpartition(mark) if mark else (digits, "", "")
    if not re.fullmatch("[0-9]*", whole) and not _THOUSANDS.fullmatch(whole):
        return text.strip()
    whole = re.sub("[.,]", "", whole) or "0"
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def _decimal_mark_of(digits: str, preferred: str) -> str:
    """Which mark of `digits` is the decimal one; empty when none is."""
    marks = re.findall("[.,]", digits)
    if not marks:
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last if marks.count(last) == 1 else ""
    if len(marks) > 1:
        return ""
    grouped = re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", digits)
    return "" if grouped and last != preferred else last
