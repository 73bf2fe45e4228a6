"""What a sign-in hands out: a token for pages, in a cookie, and one for the JSON API; and reading them."""

from datetime import UTC
from typing import Any

import jwt

from vela.domain.people import signins
from vela.domain.people.models import SignIn

ALGORITHM = "HS256"
ISSUER = "vela"
PAGES = "vela-page"
API = "vela-api"
SECOND_STEP = "vela-second-step"
COOKIE = "token"


def token_of(row: SignIn, key: str, audience: str, secret: bytes) -> str:
    """What is handed out for a sign-in and its `key`, to whoever is `audience`: pages, or the JSON API."""
    claims = {
        "sub": str(row.user_id),
        "sid": key,
        "aud": audience,
        "iss": ISSUER,
        "exp": row.expires_at.astimezone(UTC),
        "jti": f"{audience}-{row.id}",
        "type": "access",
        "fresh": False,
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def claims_of(token: str, audience: str, secret: bytes) -> dict[str, Any] | None:
    """The claims of a genuine, unexpired token for `audience`; None for any other text."""
    try:
        return jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            options={"require": ["exp", "sub", "sid", "aud", "iss"]},
        )
    except jwt.InvalidTokenError:
        return None


def cookie(token: str, *, secure: bool) -> dict[str, Any]:
    """How the page cookie is set: out of reach of scripts and other sites, for 24 hours."""
    return no_cookie(secure=secure) | {"value": token, "max_age": int(signins.LASTS.total_seconds())}


def no_cookie(*, secure: bool) -> dict[str, Any]:
    """How the page cookie is taken back: by what it was set with."""
    return {"key": COOKIE, "path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
