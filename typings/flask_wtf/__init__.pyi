"""The parts of Flask-WTF that Vela uses; the library ships no types."""

from flask import Flask
from flask_wtf.csrf import CSRFError as CSRFError

class CSRFProtect:
    def __init__(self, app: Flask | None = ...) -> None: ...
    def protect(self) -> None: ...
