"""What a request brings with it, none of which may end up in the log when handling it fails."""

import json
import re
from collections.abc import Iterator

from flask import request
from werkzeug.exceptions import HTTPException

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def brought() -> list[str]:
    """Every text of the present request: its cookies, its credentials, its query and its body."""
    try:
        return list(_texts())
    except (HTTPException, OSError, ValueError):  # a body that cannot be read, which may be what failed
        return list(_texts_of_head())


def _texts() -> Iterator[str]:
    yield from _texts_of_head()
    yield from request.form.values()
    body = request.get_data(as_text=True)
    yield body
    for quoted in QUOTED.findall(body):
        yield json.loads(quoted, strict=False)


def _texts_of_head() -> Iterator[str]:
    yield from request.cookies.values()
    yield from request.args.values()
    yield request.headers.get("Authorization", "").partition(" ")[2]
