"""Who gets in: a bearer token on every call but the few open ones, checked before anything else is looked at."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from flask_jwt_extended import (
    JWTManager,
    get_jwt,  # pyright: ignore[reportUnknownVariableType]
    verify_jwt_in_request,  # pyright: ignore[reportUnknownVariableType]
)
from flask_jwt_extended.exceptions import JWTExtendedException, NoAuthorizationError
from jwt.exceptions import PyJWTError

from vela.blueprints.api.reading import refuse_doubled_parameters, refuse_parameters
from vela.db import Database
from vela.domain.people.access import Act, Actor, Face, require, require_own_password
from vela.domain.people.signins import TOKEN_PREFIX
from vela.domain.people.tries import network_of
from vela.errors import Forbidden, Unauthenticated
from vela.language import gettext as _
from vela.rates import Rates
from vela.signin import tickets, visiting
from vela.wiring import Vela

OPEN = {"api.log_in", "api.description", "api.documentation"}
WITHOUT_OWN_PASSWORD = {"api.log_out", "api.change_password"}


def vela() -> Vela:
    """The running Vela."""
    return current_app.extensions["vela"]


def database() -> Database:
    return vela().database


def actor() -> Actor:
    """Whoever is asking."""
    return g.actor


def asker() -> Actor | None:
    """Whoever is asking, if that is known already."""
    return g.get("actor")


def permit(act: Act) -> None:
    """Raises Forbidden unless whoever is asking may do `act`."""
    require(actor(), act)


def permit_opening(act: Act) -> None:
    """As `permit`, for what opens a door to somebody: whoever signed in long ago signs in again before that.

    A personal token has no password to give: its owner chose that it reaches so far. Raises Forbidden.
    """
    permit(act)
    require_password_lately()


def require_password_lately() -> None:
    """Raises Forbidden with code `password_needed` for a sign-in whose password was given more than 15 minutes ago."""
    if not g.get("password_is_fresh", True):
        words = _("You signed in more than 15 minutes ago. Sign in again, and do this with the new token.")
        raise Forbidden("password_needed", words)


def sign_in_key() -> str | None:
    """The key of the sign-in behind this call; None when it came with a personal token."""
    return g.get("sign_in_key")


def protect(app: Flask) -> None:
    """Let flask-jwt-extended verify the tokens that a sign-in makes for this face, and no others."""
    app.config.from_mapping(
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ALGORITHM=tickets.ALGORITHM,
        JWT_DECODE_AUDIENCE=tickets.API,
        JWT_DECODE_ISSUER=tickets.ISSUER,
    )
    manager: Any = JWTManager(app)
    manager.token_in_blocklist_loader(_is_ended)


def furnish(app: Flask, vela: Vela) -> None:
    """Verify tokens with the secret of these books, and count calls anew."""
    app.config["JWT_SECRET_KEY"] = vela.secret
    app.extensions["rates"] = Rates(vela.settings.api_rate)


def guard() -> Response | None:
    """Runs before every call. Raises Unauthenticated and TooMany, before the rest of the request is judged; Invalid."""
    if request.method == "OPTIONS":
        return _methods()
    if request.endpoint in OPEN:
        _count(_address())
    else:
        g.actor = _counted_actor()
        if request.endpoint not in WITHOUT_OWN_PASSWORD:
            require_own_password(g.actor)
    refuse_doubled_parameters()
    view = current_app.view_functions[request.endpoint or ""]
    query = view.__annotations__.get("query")
    refuse_parameters({field.alias or name for name, field in query.model_fields.items()} if query else ())
    return None


def _methods() -> Response:
    """Which methods there are, which the documentation says to everybody too."""
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers["Allow"] = current_app.make_default_options_response().headers["Allow"]
    return response


def say_what_is_left(response: Response) -> Response:
    """Runs after every call: how many may follow."""
    allowance = g.get("allowance")
    if allowance is not None:
        response.headers.update(allowance.headers)
    return response


def _counted_actor() -> Actor:
    """Whoever is asking, whose call is counted for the token it came with; without a good one, for the address."""
    try:
        found = _actor()
    except Unauthenticated:
        _count(_address())
        raise
    _count(g.caller)
    return found


def _count(caller: str) -> None:
    g.allowance = current_app.extensions["rates"].take(caller)
    if g.allowance is not None:
        g.allowance.require()


def _address() -> str:
    return f"address {network_of(request.remote_addr or '')}"


def _actor() -> Actor:
    scheme, _gap, token = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
        found = visiting.actor_of_personal_token(database(), token.strip(), Face.API)
        if found is None:
            raise _bad_token()
        g.caller = f"token {sha256(token.strip().encode()).hexdigest()}"
        return found
    return _actor_of_jwt()


def _actor_of_jwt() -> Actor:
    try:
        verify_jwt_in_request()
    except NoAuthorizationError:
        words = _("Sign in first: send the header Authorization: Bearer with a token.")
        raise Unauthenticated("sign_in_needed", words) from None
    except (JWTExtendedException, PyJWTError, RecursionError):
        raise _bad_token() from None
    key = str(cast("dict[str, Any]", get_jwt())["sid"])
    g.sign_in_key, g.caller = key, f"sign-in {key}"
    return g.actor


def _is_ended(_header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Whether a genuine token is no longer, or was never, backed by a live sign-in; remembers whose it is."""
    key: object = claims.get("sid")
    if not isinstance(key, str) or "exp" not in claims:
        return True
    visit = visiting.visit_of_sign_in(database(), key, Face.API, vela().settings.idle)
    if visit is not None:
        g.actor, g.password_is_fresh = visit.actor, visit.is_confirmed
    return visit is None


def _bad_token() -> Unauthenticated:
    return Unauthenticated("invalid_token", _("This token is not, or no longer, good. Sign in again."))
