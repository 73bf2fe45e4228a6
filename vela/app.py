"""The application, put together in reading order: settings, database, faces, headers, what happens on errors."""

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from vela import events
from vela.blueprints import api, ops, web
from vela.domain.idempotency.keys import Replayed
from vela.errors import Forbidden, Refusal
from vela.language import current_language, preferred, speak
from vela.language import gettext as _
from vela.mcp.registration import registration, registration_over_http
from vela.settings import Settings
from vela.wiring import Vela, wire

MOST_BYTES = 1024 * 1024
API_TOO = ("health", "ops")
LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """A Vela ready to serve requests. Raises BadSetting when a setting makes no sense."""
    vela = wire(settings or Settings.from_environment())
    app = api.make_app("vela")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    ops.register(app, _who)
    app.before_request(_choose_language)
    app.before_request(_refuse_other_sites)
    app.extensions["registration"] = registration
    app.extensions["registration_over_http"] = registration_over_http
    web.register(app)
    api.register(app)
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(Replayed, _answer_again)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_crash)
    app.after_request(_protect)
    app.extensions["unproxied"] = app.wsgi_app
    furnish(app, vela)
    return app


def furnish(app: Flask, vela: Vela) -> None:
    """Let `app` serve these books, with this secret and these settings, from its next request on."""
    app.extensions["vela"] = vela
    app.secret_key = vela.secret
    api.furnish(app, vela)
    # A name of another site that resolves to this machine must not reach what only this machine should.
    app.config["TRUSTED_HOSTS"] = LOCAL_NAMES if vela.settings.is_local else None
    hops, inner = vela.settings.trusted_hops, app.extensions["unproxied"]
    app.wsgi_app = ProxyFix(inner, x_for=hops, x_proto=hops, x_host=hops) if hops else inner


def _refuse_other_sites() -> None:
    """A second wall behind the forms' tokens: no other site's page may make a browser change anything here.

    Raises Forbidden. Programs send neither header and pass; so do links, which change nothing.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != f"{request.scheme}://{request.host}"
    if foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Forbidden("other_site", _("This was sent by a page of another site. Do it here instead."))


def _choose_language() -> None:
    """Pages speak as their reader chose; programs are answered in English unless they ask for another language."""
    if _is_api():
        speak(preferred(request.accept_languages.values()))
    else:
        web.begin_speaking()


def _is_api() -> bool:
    return request.path in ("/api", "/health") or request.path.startswith(("/api/", "/health/"))


def _who() -> tuple[str, str]:
    """The face that is asked, and the user who asks, if they are known yet."""
    actor = api.asker() if _is_api() else web.asker()
    return ("api" if _is_api() or request.blueprint in API_TOO else "browser", actor.username if actor else "")


def _answer_refusal(error: Refusal) -> Response:
    face, user = _who()
    events.refused(error, ops.route(), user=user, face=face, address=request.remote_addr or "")
    return api.refused(error) if _is_api() else web.refused(error)


def _answer_again(error: Replayed) -> Response:
    return api.replayed(error) if _is_api() else web.replayed(error)


def _answer_http_error(error: HTTPException) -> Response:
    return api.http_error(error) if _is_api() else web.http_error(error)


def _answer_crash(error: Exception) -> Response:
    """A fault of ours: the details go to the log under a code, the code goes to whoever asked."""
    code = events.fault(error, f"{request.method} {ops.route()}", ops.brought())
    return api.crashed(code) if _is_api() else web.crashed(code)


def _protect(response: Response) -> Response:
    """Headers that every answer carries, errors included."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint != "static":
        response.headers["Content-Language"] = current_language()
    if request.endpoint != "static" or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers.setdefault("Cache-Control", "no-store")
    elif response.status_code == HTTPStatus.OK and _never_changes():
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _never_changes() -> bool:
    """Whether a static file is asked for by an address that changes with it, or is a font, which none of ours edits."""
    return "v" in request.args or request.path.endswith(".woff2")
