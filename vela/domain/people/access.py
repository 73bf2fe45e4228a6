"""Who may do what: the actor every verb is told about, and the one question it asks of them."""

from dataclasses import dataclass
from enum import StrEnum

from vela.errors import Forbidden
from vela.language import gettext as _


class Role(StrEnum):
    ADMIN = "admin"
    VIEWER = "viewer"


class Face(StrEnum):
    """Through which door an act came; a proposal was made by a token, and approved by a person."""

    BROWSER = "browser"
    API = "api"
    AGENT = "agent"
    COMMAND = "command"
    PROPOSAL = "proposal"


class Scope(StrEnum):
    """How far a personal token reaches, of what its user may: each one as far as those before it, and further."""

    READ = "read"
    PROPOSE = "propose"
    WRITE = "write"
    ADMIN = "admin"


class Act(StrEnum):
    """What can be permitted."""

    CHANGE_OFFERS = "change offers"
    RECORD_SALES = "record sales"
    VOID_SALES = "void sales"
    CHANGE_EXPENSES = "change expenses"
    CLOSE_MONTHS = "close months"
    MANAGE_USERS = "manage users"
    CHANGE_SETTINGS = "change settings"


DAILY = frozenset({Act.CHANGE_OFFERS, Act.RECORD_SALES, Act.VOID_SALES, Act.CHANGE_EXPENSES})
"""What a token that writes reaches, and what one that proposes may propose; an `admin` token reaches everything."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What people choose for themselves: a language, empty for their browser's; whether keys without Ctrl act."""

    language: str = ""
    single_keys: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for an act. `user_id` is None only for the operator at the command line.

    `scope` and `token_id` are those of the personal token they came with; who signed in themselves reaches everything.
    """

    user_id: int | None
    username: str
    display_name: str
    role: Role
    may_record_sales: bool
    face: Face
    token_name: str = ""
    must_change_password: bool = False
    preferences: Preferences = Preferences()
    scope: Scope = Scope.ADMIN
    token_id: int | None = None

    def may(self, act: Act) -> bool:
        """Whether the person may do `act`, and what they came with reaches so far."""
        return self.may_as_person(act) and (self.scope is Scope.ADMIN or (self.scope is Scope.WRITE and act in DAILY))

    def may_propose(self, act: Act) -> bool:
        """Whether `act` may be done for them once somebody has approved it."""
        return self.may_as_person(act) and act in DAILY and self.scope is not Scope.READ

    def may_as_person(self, act: Act) -> bool:
        """Whether the person may do `act`, whatever they came with."""
        if self.role is Role.ADMIN:
            return True
        return act is Act.RECORD_SALES and self.may_record_sales


def operator() -> Actor:
    """The person at the server's own command line, who may do everything."""
    return Actor(None, "operator", _("Operator"), Role.ADMIN, may_record_sales=True, face=Face.COMMAND)


def require(actor: Actor, act: Act) -> None:
    """Raises Forbidden, saying who can, unless `actor` may do `act`."""
    if actor.may(act):
        return
    if actor.may_as_person(act):
        raise _out_of_scope(actor, act)
    raise Forbidden("forbidden", _refusal_of(act), act=act.value)


def require_to_propose(actor: Actor, act: Act) -> None:
    """Raises Forbidden unless `actor` may do `act`, or may have somebody approve it."""
    if not actor.may_propose(act):
        require(actor, act)


def require_sight(actor: Actor, act: Act) -> None:
    """Raises Forbidden unless the person may do `act`: for looking at what only they see, with a token of any scope."""
    if not actor.may_as_person(act):
        raise Forbidden("forbidden", _refusal_of(act), act=act.value)


def require_full_reach(actor: Actor) -> None:
    """Raises Forbidden for whoever came with a token that does not reach everything its user may."""
    if actor.scope is not Scope.ADMIN:
        words = _("This token does not reach so far. Use one that may do everything its user may.")
        raise Forbidden("insufficient_scope", words, scope=actor.scope.value, needs=Scope.ADMIN.value)


def require_person(actor: Actor) -> None:
    """Raises Forbidden for whoever came with a personal token, of whatever scope: for what proves who somebody is."""
    if actor.token_id is not None:
        words = _("Only a person who has signed in may do this, never a personal token.")
        raise Forbidden("person_needed", words)


def _out_of_scope(actor: Actor, act: Act) -> Forbidden:
    needs = Scope.WRITE if act in DAILY else Scope.ADMIN
    if actor.scope is Scope.PROPOSE and act in DAILY:
        words = _(
            "This token may only propose, for a person to approve: changes of components, an undo, a sale or its void. "
            "Anything else needs one with the scope %(scope)s.",
            scope=needs.value,
        )
    else:
        words = _("This token does not reach so far. Its user needs one with the scope %(scope)s.", scope=needs.value)
    return Forbidden("insufficient_scope", words, act=act.value, scope=actor.scope.value, needs=needs.value)


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
