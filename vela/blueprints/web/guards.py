"""Who gets in: the page cookie, forms' tokens, and the way to the sign-in page and back."""

import re
from urllib.parse import urlencode, urlsplit

from flask import Flask, Request, Response, current_app, g, redirect, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect

from vela.blueprints.web import speaking
from vela.db import Database
from vela.domain.people.access import Actor
from vela.sheets.unpacking import MOST_BYTES
from vela.signin import tickets, visiting
from vela.signin.visiting import Visit
from vela.wiring import Vela

OPEN = {"static", "web.together", "web.sign_in", "web.sign_in_submit", "web.second_step", "web.second_step_submit"}
# All that is left to whoever has a password that somebody else chose.
FIRST_OF_ALL = {"web.own_password", "web.change_password", "web.sign_out"}
# Where a file is sent, which may be larger than anything else.
UPLOADS = {"web.bring_sales", "web.bring_offers"}
REST_OF_FORM = 64 * 1024
OWN_ADDRESS = re.compile(r"https?://[^/?#]*")
# A file leads back to the page whose list it holds, where it can be asked for again.
OF_A_FILE = re.compile(r"(?:/components|/expenses)?\.(?:csv|xlsx|json|pdf)(?=\?|$)")
OWN_PATH = re.compile(r"/[A-Za-z0-9._~/?&=%-]*")


class PageUser(UserMixin):
    """Whoever the page cookie belongs to."""

    def __init__(self, visit: Visit) -> None:
        self.actor = visit.actor
        self.key = visit.key
        self.sign_in_id = visit.sign_in_id
        self.is_confirmed = visit.is_confirmed


class _Sessions(SecureCookieSessionInterface):
    """The cookie that holds the forms' token; secure whenever the request was."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  (the signature is Flask's)
        return request.is_secure


def vela() -> Vela:
    """The running Vela."""
    return vela_of(current_app)


def vela_of(app: Flask) -> Vela:
    return app.extensions["vela"]


def database() -> Database:
    return vela().database


def actor() -> Actor:
    """Whoever is signed in."""
    return current_user.actor


def asker() -> Actor | None:
    """Whoever is signed in, if anybody has asked that already; it does not ask the database."""
    return getattr(g.get("_login_user"), "actor", None)


def sign_in_key() -> str:
    return current_user.key


def sign_in_id() -> int:
    return current_user.sign_in_id


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""


def protect(app: Flask) -> None:
    """Close every page but the sign-in; ask a token of every form; know people by their cookie."""
    app.session_interface = _Sessions()
    app.config.from_mapping(
        SESSION_COOKIE_NAME="forms",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(app)
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(_load_user)

    app.before_request(lambda: _guard(csrf))


def _guard(csrf: CSRFProtect) -> Response | None:
    """The JSON face has guards of its own; everything else is closed, and every form needs its token."""
    if request.path == "/api" or request.path.startswith("/api/"):
        return None
    if request.blueprint == "web" and request.endpoint not in OPEN:
        if not current_user.is_authenticated:
            return to_sign_in()
        if actor().must_change_password and request.endpoint not in FIRST_OF_ALL:
            return _to("/account/password")
    if request.endpoint in UPLOADS:
        request.max_content_length = MOST_BYTES + REST_OF_FORM
    if request.routing_exception is None:  # what does not exist, or not so, is answered 404 or 405 without a token
        csrf.protect()
    return None


def _load_user(asked: Request) -> PageUser | None:
    token = asked.cookies.get(tickets.COOKIE)
    if not token:
        return None
    found = visiting.actor_of_page(database(), token, vela().secret, vela().settings.idle)
    if found is None:
        return None
    speaking.speak_to(found.actor)
    return PageUser(found)


def to_sign_in() -> Response:
    """To the sign-in page, and back afterwards; for a part of a page, the whole page goes."""
    if request.endpoint in UPLOADS and _lost_something():  # a browser gives a file only to whoever chooses it anew
        back = f"{request.path}?again=1"
        if not from_htmx():
            return redirect(_sign_in_path(back, ended=True), 303)  # pyright: ignore[reportReturnType]
        return _away(_sign_in_path(back, ended=True))
    if from_htmx():
        back = OWN_ADDRESS.sub("", request.headers.get("HX-Current-URL", ""), count=1)
        return _away(_sign_in_path(back, _lost_something()))
    if request.method == "GET":
        back = OF_A_FILE.sub("", request.full_path.rstrip("?"), count=1)
    else:
        back = OWN_ADDRESS.sub("", came_from(), count=1)
    return redirect(_sign_in_path(back, _lost_something()), 303)  # pyright: ignore[reportReturnType]


def _away(path: str) -> Response:
    response = Response(status=401)
    response.headers["HX-Redirect"] = path
    return response


def _to(path: str) -> Response:
    """To another page, also when a part of one was asked for."""
    if from_htmx():
        response = Response(status=403)
        response.headers["HX-Redirect"] = path
        return response
    return redirect(path, 303)  # pyright: ignore[reportReturnType]


def _lost_something() -> bool:
    """Whether what was sent is lost with the sign-in."""
    return request.method != "GET"


def _sign_in_path(back: str, ended: bool) -> str:
    words = ({"next": back} if back and back != "/" else {}) | ({"ended": "1"} if ended else {})
    return "/login?" + urlencode(words) if words else "/login"


def from_htmx() -> bool:
    """Whether a part of a page is asked for, by htmx."""
    return request.headers.get("HX-Request") == "true"


def came_from() -> str:
    """The page of ours that the request came from, else the dashboard."""
    found = request.referrer or ""
    try:
        home = request.host_url
    except SecurityError:  # the request calls us by a name that is not ours
        return "/"
    return found if found.startswith(home) and not found.startswith(f"{home}login") else "/"


def safe_next(path: str) -> str:
    """`path` when it is one of our own pages, else the dashboard."""
    if not OWN_PATH.fullmatch(path) or "//" in path or "%" in urlsplit(path).path:
        return "/"
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return "/"
    return path if endpoint.startswith("web.") and endpoint not in OPEN else "/"
