"""Who gets in: a bearer token on every call but the few open ones, checked before anything else is looked at."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_jwt_extended import (
    JWTManager,
    get_jwt,  # pyright: ignore[reportUnknownVariableType]
    verify_jwt_in_request,  # pyright: ignore[reportUnknownVariableType]
)
from flask_jwt_extended.exceptions import JWTExtendedException, NoAuthorizationError
from jwt.exceptions import PyJWTError

from vela import signin
from vela.blueprints.api.reading import refuse_doubled_parameters, refuse_parameters
from vela.db import Database
from vela.domain.people.access import Act, Actor, Face, require, require_own_password
from vela.domain.people.signins import TOKEN_PREFIX
from vela.errors import Unauthenticated
from vela.language import gettext as _
from vela.wiring import Vela

OPEN = {"api.log_in", "api.description", "api.documentation"}


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


def sign_in_key() -> str | None:
    """The key of the sign-in behind this call; None when it came with a personal token."""
    return g.get("sign_in_key")


def protect(app: Flask) -> None:
    """Let flask-jwt-extended verify the tokens that a sign-in makes for this face, and no others."""
    app.config.from_mapping(
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ALGORITHM=signin.ALGORITHM,
        JWT_DECODE_AUDIENCE=signin.API,
        JWT_DECODE_ISSUER=signin.ISSUER,
    )
    manager: Any = JWTManager(app)
    manager.token_in_blocklist_loader(_is_ended)


def furnish(app: Flask, secret: bytes) -> None:
    """Verify tokens with this secret."""
    app.config["JWT_SECRET_KEY"] = secret


def guard() -> Response | None:
    """Runs before every call. Raises Unauthenticated, before the rest of the request is judged; Invalid."""
    if request.method == "OPTIONS":
        return _methods()
    if request.endpoint not in OPEN:
        g.actor = _actor()
        if request.endpoint != "api.log_out":
            require_own_password(g.actor)
    refuse_doubled_parameters()
    view = current_app.view_functions[request.endpoint or ""]
    query = view.__annotations__.get("query")
    refuse_parameters(query.model_fields if query else {})
    return None


def _methods() -> Response:
    """Which methods there are, which the documentation says to everybody too."""
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers["Allow"] = current_app.make_default_options_response().headers["Allow"]
    return response


def _actor() -> Actor:
    scheme, _gap, token = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
        found = signin.actor_of_personal_token(database(), token.strip(), Face.API)
        if found is None:
            raise _bad_token()
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
    g.sign_in_key = get_jwt()["sid"]
    return g.actor


def _is_ended(_header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Whether a genuine token is no longer, or was never, backed by a live sign-in; remembers whose it is."""
    key: object = claims.get("sid")
    if not isinstance(key, str) or "exp" not in claims:
        return True
    g.actor = signin.actor_of_sign_in(database(), key, Face.API, vela().settings.idle)
    return g.actor is None


def _bad_token() -> Unauthenticated:
    return Unauthenticated("invalid_token", _("This token is not, or no longer, good. Sign in again."))
