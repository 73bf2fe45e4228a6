"""What it means when the database fails: what to say while it lasts, and when to ask again."""

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError

from vela.errors import Unavailable
from vela.language import gettext as _

BUSY_RETRY_SECONDS = 2
SERVER_RETRY_SECONDS = 5
DISK_RETRY_SECONDS = 30
RETRY_SECONDS = {"busy": BUSY_RETRY_SECONDS, "unreachable": SERVER_RETRY_SECONDS}
OUTCOME_UNKNOWN = "outcome_unknown"

# SQLite's results and PostgreSQL's conditions by the beginning of their names; the first that fits counts.
_CAUSES = (
    ("disk_full", ("SQLITE_FULL", "53100")),
    ("busy", ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")),
    ("disk_read_only", ("SQLITE_READONLY", "SQLITE_PERM", "25006")),
    ("disk_cannot_open", ("SQLITE_CANTOPEN",)),
    ("disk_fault", ("SQLITE_IOERR", "SQLITE_NOLFS", "58")),
    ("damaged", ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")),
    ("unreachable", ("08",)),
    # Rolled back in favour of another, too many, in use, a lock not to be had, shut down.
    ("busy", ("40", "53", "55006", "55P03", "57")),
)
# After these a connection is not used again: what it holds of the file may not be what is there.
_SPOILED = ("disk_read_only", "disk_cannot_open", "disk_fault", "damaged")


def unavailable(error: DBAPIError, *, keeping: bool = False) -> Unavailable | None:
    """What to answer instead of `error`; None when it is no outage but a fault of ours.

    `keeping` says that it was met by the COMMIT itself, of which nobody knows what became when the answer is lost.
    """
    if keeping and _may_be_kept(error):
        # No time to come back at: who repeats it without a look might do it twice.
        return Unavailable(OUTCOME_UNKNOWN, _words(OUTCOME_UNKNOWN))
    return _refusal(cause(error.orig, "unreachable" if error.connection_invalidated else None))


def _may_be_kept(error: DBAPIError) -> bool:
    """Whether a COMMIT that met this may stand all the same.

    SQLite's is in its log, and found there after a power cut, unless writing it there was what failed.
    """
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is None:
        return error.connection_invalidated or cause(error.orig) == "unreachable"
    return name.startswith("SQLITE_IOERR") and name != "SQLITE_IOERR_WRITE"


def of_driver(error: Exception) -> Unavailable | None:
    """The same for an error that comes from the driver itself."""
    return _refusal(cause(error))


def busy() -> Unavailable:
    """Everything is in use for the moment."""
    return Unavailable("busy", _words("busy"), retry_after=BUSY_RETRY_SECONDS)


def _refusal(code: str | None) -> Unavailable | None:
    if code is None:
        return None
    return Unavailable(code, _words(code), retry_after=RETRY_SECONDS.get(code, DISK_RETRY_SECONDS))


def cause(driver_error: Any, otherwise: str | None = None) -> str | None:
    """The code of the outage that a driver reports; `otherwise` when it says nothing that is known."""
    name = getattr(driver_error, "sqlite_errorname", None) or _condition(driver_error)
    if name is None:
        return otherwise
    return next((code for code, names in _CAUSES if str(name).startswith(names)), otherwise)


def spoils(driver_error: Any) -> bool:
    """Whether the connection that met this error must not be used again."""
    return cause(driver_error) in _SPOILED


def _condition(driver_error: Any) -> str | None:
    """PostgreSQL's condition; a driver that knows none could not speak to the server at all."""
    known = getattr(driver_error, "sqlstate", None)
    if known is not None or isinstance(driver_error, sqlite3.Error):
        return known
    return "08" if any(kind.__name__ == "OperationalError" for kind in type(driver_error).__mro__) else None


def _words(code: str) -> str:
    return {
        "busy": _("The books are busy and nothing was changed. Try again in a moment."),
        "unreachable": _(
            "The database does not answer, so nothing was changed. Try again in a moment; if that does not help, see "
            "that it runs and that VELA_DATABASE_URL is right."
        ),
        OUTCOME_UNKNOWN: _(
            "The database did not say whether this was kept. Look before you repeat it, or repeat it with the same "
            "idempotency key."
        ),
        "disk_full": _("The disk is full, so nothing was changed. Make room on the server, then try again."),
        "disk_read_only": _(
            "The database may not be written to, so nothing was changed. Mend its disk or the rights of its files, "
            "then try again."
        ),
        "disk_cannot_open": _(
            "The database cannot be opened, so nothing was changed. Check that its file is there and may be opened, "
            "then try again."
        ),
        "disk_fault": _(
            "The disk reported a fault, so nothing was changed. Mend it, then try again; `vela check` tells whether "
            "the books are whole."
        ),
        "damaged": _("The database is damaged, so nothing was changed. Stop Vela and put back a backup: vela restore"),
    }[code]
