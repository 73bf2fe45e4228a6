"""What callers may say about people."""

import re
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from vela.domain.people.access import Role, Scope
from vela.domain.people.passwords import LONGEST, weakness
from vela.intake import Flag, Name, Words, exact, is_typed, refusal
from vela.language import LANGUAGES
from vela.language import gettext as _

MOST_DAYS = 3650
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def _username(value: object) -> str:
    name = value.strip().lower() if isinstance(value, str) else ""
    if not USERNAME.fullmatch(name):
        raise refusal(
            "username",
            _("Use 2 to 40 small letters, digits, dots, dashes or underscores, such as salma."),
        )
    return name


def _role(value: object) -> Role:
    if isinstance(value, str) and value in list(Role):
        return Role(value)
    raise refusal("role", _("Choose admin or viewer."))


def _password(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise refusal("required", _("Enter a password."))
    if any(unicodedata.category(character) == "Cs" for character in value):
        raise refusal("text", _("Use only letters, digits and signs that can be printed."))
    return value


Username = Annotated[
    str,
    BeforeValidator(_username),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{1,39}$"}),
]
RoleName = Annotated[
    Role,
    BeforeValidator(_role),
    WithJsonSchema({"type": "string", "enum": [r.value for r in Role]}),
]
Password = Annotated[
    str,
    BeforeValidator(_password),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST, "format": "password"}),
]


def _credential(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refusal("required", _("Enter your username."))
    # Nobody's name holds what cannot be printed; what does is answered like any other unknown name.
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in value.strip()[:80].strip())


def _code(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refusal("required", _("Enter the six digits that your app shows, or a recovery code."))
    return "".join(sign for sign in value[:80] if sign.isascii() and sign.isalnum()).lower()


Code = Annotated[
    str,
    BeforeValidator(_code),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["492039"]}),
]


class Credentials(Words):
    """What a sign-in says; `totp` is the code of a second factor, or a recovery code, of whoever has set one up."""

    username: Annotated[
        str,
        BeforeValidator(_credential),
        WithJsonSchema({"type": "string", "minLength": 1}),
    ]
    password: Password
    totp: Annotated[Code | None, Field(description="The code of the second factor, if there is one.")] = None


class GivenCode(Words):
    """A code of a second factor, or a recovery code."""

    code: Code


class DemoUser(Words):
    """A user whose password everybody may know."""

    username: Username
    display_name: Name
    password: Password
    role: RoleName = Role.VIEWER
    may_record_sales: Flag = True


class NewUser(DemoUser):
    """A new user, whose password is not easily guessed."""

    @field_validator("password")
    @classmethod
    def strong(cls, password: str, info: ValidationInfo) -> str:
        words = weakness(password, str(info.data.get("username", "")))
        if words:
            raise refusal("password", words)
        return password


class GivenPassword(Words):
    """A password that an admin gives somebody."""

    password: Password


class UserChanges(Words):
    display_name: Name = ""
    role: RoleName = Role.VIEWER
    may_record_sales: Flag = True
    active: Flag = True


def _language(value: object) -> str:
    if value in ("", *LANGUAGES):
        return str(value)
    raise refusal("language", _("Choose English, Español, Français or Русский, or leave it to the browser."))


class PreferencesChosen(Words):
    """What people choose for themselves; an empty language is that of the browser."""

    language: Annotated[
        str, BeforeValidator(_language), WithJsonSchema({"type": "string", "enum": ["", *LANGUAGES]})
    ] = ""
    single_keys: Flag = True


class NewPassword(Words):
    current_password: Password
    new_password: Password


def _scope(value: object) -> Scope:
    if isinstance(value, str) and value in list(Scope):
        return Scope(value)
    raise refusal("scope", _("Choose read, propose, write or admin."))


def _days(value: object, info: ValidationInfo) -> int | None:
    if value is None or (value == "" and not is_typed(info)):
        return None
    said = None if isinstance(value, str) and not re.fullmatch("[0-9]{1,4}", value) else exact(value)
    # Compared before it becomes an int, which of an exponent of billions would take for ever.
    if said is None or said != said.to_integral_value() or not 1 <= said <= MOST_DAYS:
        raise refusal("days", _("Say for how many days, from 1 to %(most)s, or nothing for ever.", most=MOST_DAYS))
    return int(said)


class NewToken(Words):
    """A personal token: what it is for, how far it reaches, and for how long it works."""

    name: Name
    scope: Annotated[
        Scope,
        BeforeValidator(_scope),
        WithJsonSchema({"type": "string", "enum": [scope.value for scope in Scope]}),
        Field(description="How far it reaches, of what its user may: each further than those before it."),
    ] = Scope.WRITE
    expires_in_days: Annotated[
        int | None,
        BeforeValidator(_days),
        WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_DAYS}, {"type": "null"}]}),
        Field(description="For how many days it works; null, or left out, for ever."),
    ] = None
