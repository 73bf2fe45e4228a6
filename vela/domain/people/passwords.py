"""Passwords: hashing, checking and the rules for a good one."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from vela.errors import invalid
from vela.language import gettext as _

SHORTEST = 12
LONGEST = 256
FEWEST_GUESSES = 10**9
JUDGED = 64
FEW = 4  # fewer different characters, or a shorter name inside, say nothing
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's Argon2id profile


# Those of twelve characters or more that lists of broken passwords are full of, without their digits and signs.
_WORDS = """
    password passwordpassword passw passwort motdepasse contrasena contraseña parol parola пароль
    qwerty qwertyuiop qwertyuiopasdf qwertyuiopasdfghjkl qwertyqwerty qwertyasdfgh azertyuiop azertyuiopqsdf asdfghjkl
    asdfghjklzxcvbnm qwertyuiopasdfghjklzxcvbnm qazwsxedcrfv qazwsxedcrfvtgb zxcvbnm qwerasdfzxcv йцукен
    abcdefghijkl abcdefghijklm abcdefghijklmnopqrstuvwxyz abc abcd abcdef
    admin administrator adminadmin root rootroot superuser welcome letmein letmeinletmein changeme changemeplease
    iloveyou iloveyouforever iloveyoubaby iloveyousomuch sunshine princess dragon monkey football baseball superman
    batman starwars unbelievable hello helloworld secret secretpassword trustno test testtest testing default guest
    login master masterkey manchesterunited liverpool barcelona realmadrid casablanca morocco maroc
    vela velaadmin velavela velapassword
"""
_COMMON = frozenset(_WORDS.split())
_RUNS = ("01234567890123456789", "98765432109876543210", "112233445566778899", "123123123123", "123321123321")


def hashed(password: str) -> str:
    return _hasher.hash(_normal(password))


def _normal(password: str) -> str:
    """The same bytes for the same letters, whichever keyboard they were typed on."""
    return unicodedata.normalize("NFC", password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to `password_hash`; takes as long when there is no hash to compare with."""
    decoy = _decoy()
    try:
        return _hasher.verify(password_hash or decoy, _normal(password)) and bool(password_hash)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return hashed("nobody has this password")


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password that follows the rules, as it is kept; making one takes a while, so do it outside of transactions."""

    text: str


def accepted(password: str, username: str, field: str = "password", *, known: bool = False) -> Hashed:
    """A new password, ready to be kept. Raises Invalid under `field` unless it follows the rules or is a `known` one.

    A known one is that of a demo user.
    """
    if not known:
        check_rules(password, username, field)
    return Hashed(hashed(password))


def check_rules(password: str, username: str, field: str = "password") -> None:
    """Raises Invalid under `field` unless `password` is long enough and not easily guessed from `username`."""
    words = weakness(password, username)
    if words:
        raise invalid(field, "password", words)


def weakness(password: str, username: str) -> str:
    """Why `password` is none to keep for `username`: too short, too long, or easily guessed; empty for a good one."""
    if len(password) < SHORTEST:
        return _("Use at least %(count)d characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(count)d characters.", count=LONGEST)
    if _is_guessable(_normal(password).casefold(), username.casefold()):
        return _("That is too easy to guess. Use several words that have nothing to do with the name.")
    return ""


def _is_guessable(password: str, username: str) -> bool:
    if len(set(password)) < FEW or (len(username) >= FEW and username in password):
        return True
    return _is_common(password) or _guesses(password, username) < FEWEST_GUESSES


def _is_common(password: str) -> bool:
    """Whether it is a common word with digits and signs around or inside it, or digits in a row alone."""
    letters = "".join(character for character in password if character.isalpha())
    digits = "".join(character for character in password if character.isdigit())
    in_a_row = any(digits in run for run in _RUNS)
    return (in_a_row or len(digits) <= FEW) if letters in _COMMON else (not letters and in_a_row)


def _guesses(password: str, username: str) -> int:
    """How many guesses somebody needs who knows the common passwords, names, words, keyboards and dates.

    The rules are those of zxcvbn (Wheeler, USENIX Security 2016), which knows 30,000 common passwords. It judges the
    beginning of a long one: what follows can only make it harder.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 its lists take a while to load, and few processes set a password

    return int(zxcvbn(password[:JUDGED], user_inputs=[username, "vela"])["guesses"])
