"""What is said to whoever guessed wrong."""

from vela.domain.people import tries
from vela.language import gettext as _
from vela.language import ngettext


def wrong_code(left: int) -> str:
    return " ".join((_("That code is not right."), tries_left(left)))


def wrong_password(left: int) -> str:
    return " ".join((_("That is not your current password."), tries_left(left)))


def tries_left(left: int) -> str:
    return ngettext(
        "%(count)d try left before a %(minutes)d minute pause.",
        "%(count)d tries left before a %(minutes)d minute pause.",
        left,
        minutes=tries.NAME_AT_ADDRESS.within.seconds // 60,
    )
