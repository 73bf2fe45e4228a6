"""The closed family of refusals: what was wrong and what to do about it, with no HTTP in it."""

from dataclasses import dataclass
from typing import Any

from vela.language import gettext as _


@dataclass(frozen=True, slots=True)
class Issue:
    """One complaint about one field; `field` is the public name, dotted when nested, empty for the whole."""

    field: str
    code: str
    message: str


class Refusal(Exception):
    """Base of the family. `code` is stable for scripts, `message` is a sentence for people."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Invalid(Refusal):
    """What was said cannot be accepted; `issues` holds every complaint at once."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("invalid", " ".join(dict.fromkeys(issue.message for issue in issues)))
        self.issues = issues


class NotFound(Refusal):
    """There is no such thing; `kind` and `id` say which was asked for."""

    def __init__(self, kind: str, identity: object) -> None:
        code = f"{kind}_not_found".replace(" ", "_").replace("-", "_")
        super().__init__(code, _missing(kind, identity), kind=kind, id=identity)


class Conflict(Refusal):
    """The act does not fit what is stored now: taken, in use, or changed meanwhile."""


class Stale(Conflict):
    """Somebody changed the same field since the caller read it.

    `data`: `field`, `theirs` and `yours` (values), `who` (display name), `at` (UTC time) and the fresh `version`.
    """


class Unprocessable(Refusal):
    """What was said can be read, but not acted on as a whole; no single field is at fault."""


class Forbidden(Refusal):
    """The actor may not do this."""


class Unauthenticated(Refusal):
    """Nobody, or nobody known, is asking."""


class TooMany(Refusal):
    """More was asked for than one caller gets in a while. `data`: `retry_after` (seconds), `limit`."""


class Unavailable(Refusal):
    """Something needed does not answer now; trying again later may help."""


class Stopped(Unavailable):
    """The books are read-only, because a check found that something in them is wrong."""

    def __init__(self, message: str) -> None:
        super().__init__("read_only", message)


def invalid(field: str, code: str, message: str) -> Invalid:
    """An Invalid with a single complaint about `field`."""
    return Invalid(Issue(field, code, message))


def _missing(kind: str, identity: object) -> str:
    """Whole sentences, for languages in which the word for a thing changes the words around it."""
    known = {
        "service": _("There is no service with id %(id)s.", id=identity),
        "component": _("There is no component with id %(id)s.", id=identity),
        "revision": _("There is no revision with id %(id)s.", id=identity),
        "transaction": _("There is no transaction with id %(id)s.", id=identity),
        "expense": _("There is no expense with id %(id)s.", id=identity),
        "month": _("There is no month with id %(id)s.", id=identity),
        "user": _("There is no user with id %(id)s.", id=identity),
        "file": _("This file is not here any more. Choose it again."),
        "token": _("There is no token with id %(id)s.", id=identity),
        "proposal": _("There is no proposal with id %(id)s.", id=identity),
        "webhook": _("There is no webhook with id %(id)s.", id=identity),
        "delivery": _("There is no delivery with id %(id)s.", id=identity),
        "sign-in": _("There is no sign-in with id %(id)s.", id=identity),
    }
    return known.get(kind) or f"There is no {kind} with id {identity}."
