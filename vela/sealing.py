"""Sealing small secrets for the database: nobody reads or alters them who has the books but not the key."""

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"vela: secrets at rest, version 1"
KEY_BYTES = 32
NONCE_BYTES = 12


class Broken(Exception):
    """What was sealed was altered, belongs elsewhere, or was sealed with a key that is not here."""


class Sealer:
    """Seals with the key derived from `secret` (AES-256-GCM); opens what that or one of the `others` has sealed."""

    def __init__(self, secret: bytes, *others: bytes) -> None:
        self._key_id, _ = own = _derived(secret)
        self._ciphers = dict([*map(_derived, others), own])

    def seal(self, text: str, place: str) -> str:
        """`text`, sealed for `place`; it cannot be opened as if it stood anywhere else."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._key_id].encrypt(nonce, text.encode(), place.encode())
        return f"{self._key_id}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """What was sealed for `place`. Raises Broken."""
        key_id, _dot, text = sealed.partition(".")
        try:
            held = base64.b64decode(text, validate=True)
            return self._ciphers[key_id].decrypt(held[:NONCE_BYTES], held[NONCE_BYTES:], place.encode()).decode()
        except (KeyError, InvalidTag, binascii.Error, ValueError):
            raise Broken(place) from None


def _derived(secret: bytes) -> tuple[str, AESGCM]:
    key = HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(secret)
    return hashlib.sha256(key).hexdigest()[:8], AESGCM(key)
