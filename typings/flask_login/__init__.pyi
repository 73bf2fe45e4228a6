"""The parts of flask-login that Vela uses; the library ships no types."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request

class UserMixin:
    @property
    def is_authenticated(self) -> bool: ...

class LoginManager:
    session_protection: str | None
    def __init__(self, app: Flask | None = ...) -> None: ...
    def request_loader(self, callback: Callable[[Request], UserMixin | None]) -> Any: ...

current_user: Any
