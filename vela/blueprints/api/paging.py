"""One page of a list that may be long: how many things, from where on, and the address of the next page."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import BeforeValidator, Field, WithJsonSchema

from vela.blueprints.api.reading import Unsaid
from vela.db import MOST_ID
from vela.intake import PageLength, Words, refusal
from vela.language import gettext as _

USUAL = 100
SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
PATTERN = "[0-9a-z]{1,6}"

Thing = TypeVar("Thing")


def _place(value: object) -> int | None:
    if value is None:
        return None
    if not (isinstance(value, str) and re.fullmatch(PATTERN, value)):
        raise refusal("cursor", _("This is no cursor. Take the one in the header Link of the page before."))
    return min(int(value, len(SIGNS)), MOST_ID)


Cursor = Annotated[int | None, BeforeValidator(_place), WithJsonSchema({"type": "string", "pattern": f"^{PATTERN}$"})]


@dataclass(frozen=True, slots=True)
class Page(Generic[Thing]):
    """The things of one page, and the address of the page after it, empty on the last one."""

    things: Sequence[Thing]
    following: str


class PageQuery(Words):
    """Which part of a list: everything, unless `limit` or `cursor` is said."""

    is_whole: ClassVar[bool] = True

    limit: Annotated[PageLength | None, Unsaid(), Field(description="How many at most.")] = None
    cursor: Annotated[Cursor, Field(description="Where a page begins: as the header `Link` of another one says.")] = (
        None
    )

    @property
    def most(self) -> int | None:
        """How many things to find: one more than the page holds, which tells whether another follows; None for all."""
        length = self._length
        return None if length is None else length + 1

    @property
    def _length(self) -> int | None:
        if self.limit is None and self.is_whole and self.cursor is None:
            return None
        return self.limit or USUAL

    def page(self, found: Sequence[Thing], place: Callable[[Thing], int]) -> Page[Thing]:
        """The page itself, of the `most` things that were found; `place` is what the list is ordered by."""
        length = self._length
        if length is None or len(found) <= length:
            return Page(found, "")
        shown = found[:length]
        said = {name: value for name, value in request.args.items() if name != "cursor"}
        return Page(shown, f"{request.path}?{urlencode(said | {'cursor': _written(place(shown[-1]))})}")


class LongPageQuery(PageQuery):
    """Which part of a list that is never sent whole: its first hundred, unless something else is said."""

    is_whole = False


def _written(place: int) -> str:
    signs = ""
    while place:
        place, sign = divmod(place, len(SIGNS))
        signs = SIGNS[sign] + signs
    return signs or "0"
