"""Passwords: hashing, checking and the rules for a good one."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from vela.errors import invalid
from vela.language import gettext as _

SHORTEST = 12
LONGEST = 256
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's Argon2id profile


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to `password_hash`; takes as long when there is no hash to compare with."""
    try:
        return _hasher.verify(password_hash or _decoy(), password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return hashed("nobody has this password")


def check_rules(password: str, username: str, field: str = "password") -> None:
    """Raises Invalid under `field` unless `password` is long enough and not easily guessed from `username`."""
    if len(password) < SHORTEST:
        raise invalid(field, "password", _("Use at least %(count)d characters.", count=SHORTEST))
    if len(password) > LONGEST:
        raise invalid(field, "password", _("Use at most %(count)d characters.", count=LONGEST))
    if len(set(password)) < 4 or username.casefold() in password.casefold():
        raise invalid(
            field,
            "password",
            _("That is too easy to guess. Use several words that have nothing to do with the name."),
        )
