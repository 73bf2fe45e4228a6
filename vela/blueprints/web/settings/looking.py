"""The page of the settings, with any form on it put back as it was typed."""

from typing import Any

from babel.numbers import get_currency_name
from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import page
from vela.blueprints.web.forms import complaints
from vela.blueprints.web.guards import actor, database
from vela.domain.idempotency.keys import FIELD, SECRETS
from vela.domain.people import queries, second_factor
from vela.domain.people.access import Act, Role, require
from vela.domain.workspace.intake import currencies, time_zones
from vela.domain.workspace.settings import workspace
from vela.errors import Conflict, Forbidden, Invalid, Stale
from vela.language import current_language
from vela.language import gettext as _
from vela.problems import status_of
from vela.seeding import demo_users

LEFT_OUT = SECRETS | {"csrf_token", "version", FIELD}


def everything(session: Session) -> dict[str, Any]:
    """What the page, and any answer to a change on it, may need."""
    require(actor(), Act.MANAGE_USERS)
    return {
        "users": queries.users(session),
        "with_second_factor": second_factor.users_with(session),
        "roles": {Role.ADMIN: _("Admin"), Role.VIEWER: _("Viewer")},
        "currencies": currencies_offered(session),
        "time_zones": [(zone, zone.replace("_", " ")) for zone in _zones(session)],
        "demo_accounts": bool(demo_users(session)),
    }


def currencies_offered(session: Session) -> list[tuple[str, str]]:
    """The currencies that books can be kept in, and what each is called."""
    names = [(code, get_currency_name(code, locale=current_language())) for code in _codes(session)]
    return [(code, f"{code}, {name}") for code, name in names]


def _codes(session: Session) -> list[str]:
    return sorted(currencies() | {workspace(session).currency})


def _zones(session: Session) -> list[str]:
    """The zones that are named after a place, and the one in use whatever its name."""
    places = {zone for zone in time_zones() if "/" in zone and not zone.startswith("Etc/")}
    return sorted(places | {workspace(session).time_zone})


def settings_page(session: Session, status: int = 200, refused: dict[str, Any] | None = None) -> Response:
    """The page, which only an admin may see. Raises Forbidden."""
    if not actor().may(Act.MANAGE_USERS):
        words = _(
            "Here an admin names the workspace, sets its currency and time zone, manages users, and reads the history "
            "of all changes. Your password, your tokens and your language are under Your account."
        )
        raise Forbidden("forbidden", words, act=Act.MANAGE_USERS.value)
    return page(session, "settings/settings.html", status, here="settings", refused=refused, **everything(session))


def put_back(form: str, error: Invalid | Conflict) -> Response:
    """The page again with `form` as it was typed, passwords excepted, and the complaints at its fields."""
    with database().reading() as session:
        return settings_page(session, status_of(error), refused=kept(form, error))


def kept(form: str, error: Invalid | Conflict) -> dict[str, Any]:
    """A refused form: its name, what was typed and the complaint at each field, those about the whole under "" ."""
    errors = _messages(error)
    typed = {name: value for name, value in request.form.items() if name not in LEFT_OUT}
    return {"form": form, "typed": typed, "errors": errors}


def _messages(error: Invalid | Conflict) -> dict[str, str]:
    if isinstance(error, Invalid):
        return complaints(error)
    if not isinstance(error, Stale) or "disputes" not in error.data:
        return {str(error.data.get("field") or ""): error.message}
    who = error.data["who"]
    return {
        field: _("%(who)s changed this to %(theirs)s meanwhile. Save to have yours.", who=who, theirs=theirs)
        for field, theirs, _yours in error.data["disputes"]
    }
