"""Secrets of webhooks and what is signed with them, as the Standard Webhooks specification (1.0.0) says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def fresh_secret() -> str:
    """A secret of 256 random bits, as it is given to whoever receives what it signs."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, name: str, timestamp: int, body: str) -> str:
    """What proves that the event `name` was sent with this `body` at this `timestamp` (seconds since 1970)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{name}.{timestamp}.{body}".encode(), "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(known: Iterable[str], name: str, timestamp: int, body: str) -> dict[str, str]:
    """The headers that go with `body`, signed with each of the secrets that are `known`, the newest first."""
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, name, timestamp, body) for secret in known),
    }
