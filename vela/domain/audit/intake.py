"""What may be asked about the trail: the kinds of things that its entries are about, and who made them."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, WithJsonSchema

from vela.intake import Line, refusal
from vela.language import gettext as _

Subject = Literal[
    "service", "transaction", "expense", "month", "user", "token", "webhook", "proposal", "workspace", "books"
]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)


def _subject(value: object) -> str:
    if value in ("", *SUBJECTS):
        return str(value)
    raise refusal("subject", _("There is no such kind of thing. Choose one of: %(kinds)s.", kinds=", ".join(SUBJECTS)))


def _in_small_letters(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


AskedSubject = Annotated[
    str, BeforeValidator(_subject), WithJsonSchema({"type": "string", "enum": ["", *SUBJECTS], "default": ""})
]
"""A kind of thing, or nothing for all of them."""
AskedUsername = Annotated[Line, BeforeValidator(_in_small_letters)]
"""The name somebody signs in with, however it is typed, or nothing for everybody."""
