"""Texts that a spreadsheet would run as a formula, made plain in a way that can be undone exactly."""

import re

_UNSEEN = r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SIGNS = r"=+\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b"  # also full-width and small forms
_RUNS = re.compile(rf"[\s'{_UNSEEN}]*[{_SIGNS}]|'*[\t\r\n]")


def looks_like_a_formula(text: str) -> bool:
    """Whether a program might run `text`; white space, unseen signs and apostrophes before it do not hide it."""
    return _RUNS.match(text) is not None


def made_plain(text: str) -> str:
    """`text`, with an apostrophe before it where a spreadsheet that opens a file might run it as a formula."""
    return f"'{text}" if looks_like_a_formula(text) else text


def as_meant(cell: str) -> str:
    """The text that `made_plain` was given: as_meant(made_plain(text)) == text, whatever the text."""
    return cell[1:] if cell.startswith("'") and looks_like_a_formula(cell[1:]) else cell
