"""Settings and users that somebody else changed meanwhile: both values beside each field, and the choice."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import partials
from vela.errors import Stale
from vela.problems import status_of


def disputed(session: Session, error: Stale, form: str, called: dict[str, str] | None = None) -> Response:
    """The partials that say at each field of `form` what stands there now; `called` are words for values."""
    found = [_dispute(error, form, called or {}, *each) for each in error.data["disputes"]]
    return partials(session, "settings/disputed.html", status_of(error), error=error, disputes=found)


def _dispute(
    error: Stale, form: str, called: dict[str, str], field: str, theirs: object, yours: object
) -> dict[str, Any]:
    known = {name: error.data[name] for name in ("who", "at", "version")}
    return known | {"slot": f"{form}-{field}-error", "theirs": _sent(theirs), "yours": _sent(yours), "called": called}


def _sent(value: object) -> str:
    """A value as a form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
