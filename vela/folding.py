"""Texts without case and accents, in any script, so that they are found however somebody types them."""

import re
import unicodedata

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe20-\ufe2f]"
)


def folded(text: str) -> str:
    """`text` without case and accents: Été is ete, Ёлка is елка."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
