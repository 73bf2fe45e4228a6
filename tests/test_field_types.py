"""Every kind of field a caller may fill: what it takes, and in which words it refuses everything else."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from vela.errors import Invalid, Issue
from vela.intake import (
    Amount,
    ComponentQuantity,
    Flag,
    Identity,
    Line,
    MonthOf,
    Name,
    Note,
    Optional,
    PercentChange,
    Position,
    Price,
    SaleQuantity,
    SignedPrice,
    TargetMargin,
    Version,
    Words,
    read,
)
from vela.periods import Month


class Everything(Words):
    """One field of every kind."""

    echoes = frozenset({"id", "sell_price"})

    name: Name = "n"
    line: Line = ""
    note: Note = ""
    price: Price = Decimal(0)
    signed: SignedPrice = Decimal(0)
    amount: Amount = Decimal(0)
    quantity: ComponentQuantity = Decimal(1)
    target: TargetMargin = Decimal(0)
    change: PercentChange = Decimal(0)
    sold: SaleQuantity = 1
    identity: Identity = 1
    position: Position = 1
    version: Version = 1
    month: MonthOf = Month(2026, 11)
    flag: Flag = True
    maybe: Annotated[Amount | None, Optional] = None
    several: Annotated[list[MonthOf], Field(max_length=2)] = Field(default_factory=list)


class Needed(Words):
    name: Name
    amount: Amount


DECIMALS = {"price": 5, "signed": 5, "amount": 2, "quantity": 4, "target": 2, "change": 2}
MOST = {
    "price": "9999999999.99999",
    "signed": "9999999999.99999",
    "amount": "9999999999999.99",
    "quantity": "9999999.9999",
    "target": "100",
    "change": "1000",
}
WHOLES = {"sold": 1_000_000, "identity": 2**53 - 1, "position": 100_000, "version": 2**53 - 1}
ZERO_OR_MORE = "Enter a number of 0 or more, such as 400."
ABOVE_ZERO = "Enter a number above 0, such as 1."
SIGNED = "Enter a number, such as 400."
NEEDED = dict.fromkeys(DECIMALS, ZERO_OR_MORE) | {"quantity": ABOVE_ZERO, "signed": SIGNED, "change": SIGNED}
NO_NUMBERS: list[Any] = [
    True, False, None, [], {}, "", " ", "abc", "1e5", "1_000", "1,5", "--1", "+1", ".5", "1.", "0x10", "٤٠٠", "４００",
    "1 000", "NaN", "Infinity", "-Infinity", "1\x00", float("nan"), float("1e400"), Decimal("NaN"), Decimal("sNaN"),
    Decimal("Infinity"), b"1", 1j,
]  # fmt: skip


def complaint(words: dict[str, Any], model: type[Words] = Everything) -> tuple[str, str, str]:
    with pytest.raises(Invalid) as refusal:
        read(model, words)
    [issue] = refusal.value.issues
    return issue.field, issue.code, issue.message


def complaints(words: dict[str, Any], *, typed: bool) -> tuple[Issue, ...]:
    try:
        read(Everything, words, typed=typed)
    except Invalid as refusal:
        return refusal.issues
    return ()


# ---------- numbers


@pytest.mark.parametrize("field", DECIMALS)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=ascii)
def test_what_is_no_number_is_refused_in_words_that_show_one(field: str, value: object) -> None:
    assert complaint({field: value}) == (field, "number", NEEDED[field])


@pytest.mark.parametrize("field", DECIMALS)
def test_a_number_is_as_large_as_it_may_be_and_no_larger(field: str) -> None:
    most = Decimal(MOST[field])
    assert getattr(read(Everything, {field: MOST[field]}), field) == most
    least_more = most + Decimal(1).scaleb(-DECIMALS[field])
    for larger in (least_more, str(least_more), Decimal("1E+999999999"), 10**400, float(10**300)):
        assert complaint({field: larger}) == (field, "too_large", f"That is too large. Enter at most {most:,f}.")


@pytest.mark.parametrize("field", DECIMALS)
def test_a_number_has_so_many_decimals_and_no_more(field: str) -> None:
    places = DECIMALS[field]
    smallest = Decimal(1).scaleb(-places)
    assert getattr(read(Everything, {field: f"{smallest:f}"}), field) == smallest
    words = f"Use at most {places} decimals."
    for finer in (smallest / 10, f"{smallest / 10:f}", Decimal("1E-999999999"), Decimal("1." + "0" * 40 + "1")):
        assert complaint({field: finer}) == (field, "decimals", words)
    assert getattr(read(Everything, {field: "1." + "0" * 25}), field) == 1


@pytest.mark.parametrize("field", sorted(set(DECIMALS) - {"signed", "change"}))
def test_most_numbers_are_never_below_zero(field: str) -> None:
    for below in (-1, "-1", Decimal("-0.01"), -0.01):
        assert complaint({field: below}) == (field, "number", NEEDED[field])


def test_a_signed_number_goes_as_far_down_as_up() -> None:
    words = read(Everything, {"signed": "-9999999999.99999", "change": -1000})
    assert (words.signed, words.change) == (Decimal("-9999999999.99999"), -1000)
    assert complaint({"signed": "-10000000000"})[1] == "too_large"
    assert complaint({"change": "-1000.01"})[1] == "too_large"


@pytest.mark.parametrize("zero", [0, "0", "0.0", Decimal("0E-20"), 0.0, "-0", Decimal("-0.00"), -0.0], ids=repr)
def test_zero_is_zero_without_a_sign_and_no_quantity(zero: object) -> None:
    words = read(Everything, {"amount": zero, "signed": zero})
    assert (str(words.amount), str(words.signed)) == ("0.00", "0.00000")
    assert complaint({"quantity": zero}) == ("quantity", "number", ABOVE_ZERO)


@pytest.mark.parametrize("value", ["19.99", 19.99, Decimal("19.99"), " 19.99 ", "0019.990"], ids=repr)
def test_a_number_may_come_as_text_or_number(value: object) -> None:
    assert str(read(Everything, {"amount": value}).amount) == "19.99"


@given(st.decimals(0, Decimal("9999999999999.99"), places=2))
def test_an_amount_survives_the_trip_through_a_binary_reader(value: Decimal) -> None:
    assert read(Everything, {"amount": float(value)}).amount == value
    assert read(Everything, {"amount": str(value)}).amount == value


@pytest.mark.parametrize("field", WHOLES)
@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, -1, 1.5, "1.5", "0", Decimal("0.5")], ids=ascii)
def test_what_is_no_whole_number_of_one_or_more(field: str, value: object) -> None:
    assert complaint({field: value}) == (field, "quantity", "Enter a whole number of 1 or more.")


@pytest.mark.parametrize("field", WHOLES)
def test_a_whole_number_has_an_end(field: str) -> None:
    most = WHOLES[field]
    assert getattr(read(Everything, {field: most}), field) == most
    for larger in (most + 1, str(most + 1), Decimal("1E+999999999"), 10**400):
        assert complaint({field: larger}) == (field, "too_large", f"That is too large. Enter at most {most:,}.")
    assert getattr(read(Everything, {field: "3.00"}), field) == 3


# ---------- text


@pytest.mark.parametrize(
    "text",
    ["\x00", "a\x00b", "\ud800", "a\udfff", "a\u202eb", "a\u2066b", "a\u200fb", "a\u2028b", "a\x1b[31mb", "a\x7fb",
     "a\x85b"],
    ids=ascii,
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "line", "note"])
def test_text_holds_only_what_can_be_printed(field: str, text: str) -> None:
    words = "Use only letters, digits and signs that can be printed."
    assert complaint({field: f"x{text}x"}) == (field, "text", words)


@pytest.mark.parametrize("value", [None, 5, True, [], {}, b"text", 1.5], ids=repr)
@pytest.mark.parametrize("field", ["name", "line", "note"])
def test_what_is_no_text_is_refused(field: str, value: object) -> None:
    assert complaint({field: value}) == (field, "text", "Enter text.")


@pytest.mark.parametrize(
    "empty", ["", " ", "\t\n ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060 \u00ad"], ids=ascii
)
def test_a_name_must_be_seen(empty: str) -> None:
    assert complaint({"name": empty}) == ("name", "required", "Give it a name.")


@pytest.mark.parametrize(("field", "longest"), [("name", 80), ("line", 80), ("note", 500)])
def test_text_is_so_long_and_no_longer(field: str, longest: int) -> None:
    assert len(getattr(read(Everything, {field: "é" * longest}), field)) == longest
    assert len(getattr(read(Everything, {field: "e\u0301" * longest}), field)) == longest
    assert len(getattr(read(Everything, {field: " " + "😀" * longest + "  "}), field)) == longest
    assert complaint({field: "x" * (longest + 1)}) == (field, "overlong", f"Use at most {longest} characters.")


def test_text_is_kept_in_one_form() -> None:
    words = read(Everything, {"name": "  Cafe\u0301 ", "note": "one\r\ntwo\tthree\n"})
    assert (words.name, words.note) == ("Caf\u00e9", "one\ntwo\tthree")
    assert complaint({"name": "one\ntwo"})[1] == "text"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "{{7*7}}",
        "=1+1",
        "'; DROP TABLE users;--",
        "Ünïcödé 日本語 العربية",
        "👩‍💻",
        "%(name)s",
    ],
)
def test_hostile_and_foreign_names_are_only_text(name: str) -> None:
    assert read(Everything, {"name": name}).name == name


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_and_what_is_read_stays(text: str) -> None:
    for field in ("name", "line", "note"):
        try:
            kept = getattr(read(Everything, {field: text}), field)
        except Invalid:
            continue
        kept.encode()
        assert getattr(read(Everything, {field: kept}), field) == kept


# ---------- months, flags, lists


@pytest.mark.parametrize(
    "value",
    ["", "2026-13", "2026-00", "2026-1", "٢٠٢٦-٠١", "２０２６-０１", "2026-01\n", " 2026-01", "0000-01", None,
     202611, True, []],
    ids=ascii,
)  # fmt: skip
def test_a_month_is_written_one_way(value: object) -> None:
    assert complaint({"month": value}) == ("month", "month", "Write the month as YYYY-MM, such as 2026-11.")


@pytest.mark.parametrize("value", ["yes", "TRUE", "maybe", 1, 0, 2, 1.0, None, [], Decimal(1)], ids=repr)
def test_a_flag_is_true_or_false(value: object) -> None:
    assert complaint({"flag": value}) == ("flag", "flag", "Say true or false.")


def test_a_list_is_a_list_and_short() -> None:
    assert complaint({"several": "2026-11"}) == ("several", "wrong_kind", "Give a list.")
    assert complaint({"several": ["2026-11"] * 3}) == ("several", "wrong_kind", "That is too many. Give fewer.")
    assert complaint({"several": ["2026-11", "x"]})[0] == "several.1"


# ---------- the whole


def test_every_complaint_comes_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        read(Everything, {"name": "", "amount": "x", "month": "2026-13", "prize": 1})
    assert [issue.field for issue in refusal.value.issues] == ["name", "amount", "month", "prize"]


def test_what_is_needed_is_asked_for() -> None:
    with pytest.raises(Invalid) as refusal:
        read(Needed, {})
    found = [(issue.field, issue.code, issue.message) for issue in refusal.value.issues]
    assert found == [(field, "required", "This is needed. Fill it in.") for field in ("name", "amount")]


def test_an_unknown_field_is_named_and_our_own_figures_are_ignored() -> None:
    words = "There is no field named prize here. Leave it out."
    assert complaint({"prize": 1}) == ("prize", "unknown_field", words)
    assert read(Everything, {"id": "anything", "sell_price": {"not": "read"}, "name": "x"}).said() == {"name": "x"}


@pytest.mark.parametrize("field", ["\ud800", "\x00", "a\u202eb", "\x1b[2J", "x" * 10_000], ids=ascii)
def test_a_hostile_field_name_is_not_repeated_as_it_is(field: str) -> None:
    named, code, message = complaint({field: 1})
    assert code == "unknown_field"
    assert len(message) < 200
    for text in (named, message):
        text.encode()
        assert text.isprintable()


def test_what_was_said_is_what_was_given_in_the_order_of_the_model() -> None:
    words = read(Everything, {"sold": 2, "name": "x", "maybe": None})
    assert list(words.said().items()) == [("name", "x"), ("sold", 2), ("maybe", None)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(Everything.model_fields)), JSON, max_size=6), st.booleans())
def test_no_words_break_the_reading(words: dict[str, Any], typed: bool) -> None:
    assert all(issue.field and issue.code and issue.message for issue in complaints(words, typed=typed))
