"""Texts that a spreadsheet might run: made plain, and understood again exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vela.sheets.plain import as_meant, looks_like_a_formula, made_plain

HOSTILE = (
    '=HYPERLINK("http://evil.test","here")', "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "  =1+1", "\u00a0=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "﹢1", "﹣1", "﹫A1", "−1+1", "\u200b=1+1",
    "\ufeff=1+1", "'=1+1", "''=1+1", " '=1+1", "-", "=", "- 10 % since May", "\u202e=1+1",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_might_run_begins_with_an_apostrophe(text: str) -> None:
    assert made_plain(text) == f"'{text}"
    assert as_meant(made_plain(text)) == text


@pytest.mark.parametrize("text", ["", "Atlas", "'s-Hertogenbosch", "'", "1-2", "a=b", "1TB + backup", "O'Brien", "<r>"])
def test_what_cannot_run_stays_as_it_is(text: str) -> None:
    assert made_plain(text) == text
    assert as_meant(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n ＝ab;,\"\u200b")) | st.text())
def test_every_text_comes_back_exactly(text: str) -> None:
    cell = made_plain(text)
    assert as_meant(cell) == text
    assert cell.startswith("'") or not looks_like_a_formula(cell)
