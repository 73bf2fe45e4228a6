"""Forms: what was typed in them, and where each complaint about it belongs."""

from typing import Annotated

from flask import request

from vela.blueprints.web.figures import understood
from vela.errors import Invalid
from vela.intake import Optional, Version, Words, read


def said(*names: str, numbers: tuple[str, ...] = (), ticks: tuple[str, ...] = ()) -> dict[str, object]:
    """The named fields that the form really holds, ready for `intake.read`.

    `numbers` are read as people write them in their language; `ticks` are boxes, which a browser leaves out when they
    are empty.
    """
    form = request.form
    return {
        **{name: form[name] for name in names if name in form},
        **{name: understood(form[name]) for name in numbers if name in form},
        **{name: form.get(name) in ("on", "true") for name in ticks},
    }


class Seen(Words):
    """The version of a thing that somebody had before them."""

    version: Annotated[Version | None, Optional] = None


def version_seen() -> int | None:
    """The version that the sender saw; None when they do not say. Raises Invalid."""
    return read(Seen, said("version")).version


def complaints(error: Invalid) -> dict[str, str]:
    """The messages of a refusal by the name of the field that each belongs to."""
    return {issue.field: issue.message for issue in reversed(error.issues)}
