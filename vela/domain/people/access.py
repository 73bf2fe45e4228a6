"""Who may do what: the actor every verb is told about, and the one question it asks of them."""

from dataclasses import dataclass
from enum import StrEnum

from vela.errors import Forbidden
from vela.language import gettext as _


class Role(StrEnum):
    ADMIN = "admin"
    VIEWER = "viewer"


class Face(StrEnum):
    """Through which door an act came."""

    BROWSER = "browser"
    API = "api"
    AGENT = "agent"
    COMMAND = "command"


class Act(StrEnum):
    """What can be permitted."""

    CHANGE_OFFERS = "change offers"
    RECORD_SALES = "record sales"
    VOID_SALES = "void sales"
    CHANGE_EXPENSES = "change expenses"
    CLOSE_MONTHS = "close months"
    MANAGE_USERS = "manage users"
    CHANGE_SETTINGS = "change settings"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What people choose for themselves: a language, empty for their browser's; whether keys without Ctrl act."""

    language: str = ""
    single_keys: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for an act. `user_id` is None only for the operator at the command line."""

    user_id: int | None
    username: str
    display_name: str
    role: Role
    may_record_sales: bool
    face: Face
    token_name: str = ""
    must_change_password: bool = False
    preferences: Preferences = Preferences()

    def may(self, act: Act) -> bool:
        if self.role is Role.ADMIN:
            return True
        return act is Act.RECORD_SALES and self.may_record_sales


def operator() -> Actor:
    """The person at the server's own command line, who may do everything."""
    return Actor(None, "operator", _("Operator"), Role.ADMIN, may_record_sales=True, face=Face.COMMAND)


def require(actor: Actor, act: Act) -> None:
    """Raises Forbidden, saying who can, unless `actor` may do `act`."""
    if not actor.may(act):
        raise Forbidden("forbidden", _refusal_of(act), act=act.value)


def require_own_password(actor: Actor) -> None:
    """Raises Forbidden with code `password_change_needed` while `actor` has a password that somebody else gave them."""
    if actor.must_change_password:
        words = _("This password was for one use. Sign in to Vela's pages and choose your own first.")
        raise Forbidden("password_change_needed", words)


def _refusal_of(act: Act) -> str:
    match act:
        case Act.CHANGE_OFFERS:
            return _("You can look but not change prices. An admin can.")
        case Act.RECORD_SALES:
            return _("You can look but not record sales. An admin can allow it under Settings, Users.")
        case Act.VOID_SALES:
            return _("You can record sales but not void them. An admin can.")
        case Act.CHANGE_EXPENSES:
            return _("You can look but not change operating expenses. An admin can.")
        case Act.CLOSE_MONTHS:
            return _("Only an admin can close or reopen a month.")
        case Act.MANAGE_USERS:
            return _("Only an admin can manage users.")
        case Act.CHANGE_SETTINGS:
            return _("Only an admin can change settings.")
