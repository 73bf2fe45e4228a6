"""The outside programs that some tests need, found by environment settings.

VELA_TEST_POSTGRES   address of a database in which tests may create and drop anything
VELA_TEST_CHROMIUM   path of the browser
VELA_TEST_INSPECTOR  path of the MCP Inspector's `mcp-inspector`

A missing one skips the tests that need it and says how to get it; where CI=true a missing server or browser fails
them, so that a green run means that they ran. The Inspector, a second opinion on what other tests prove, is optional
everywhere.
"""

import os
import shutil
from functools import cache
from typing import NoReturn

import psycopg
import pytest

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CONNECT_SECONDS = 3


def postgres_url() -> str:
    """The address of a PostgreSQL database that answers; without one the asking test is skipped, in CI failed."""
    url = os.environ.get("VELA_TEST_POSTGRES") or POSTGRES
    trouble = _postgres_trouble(url)
    if trouble:
        _missing(
            f"No PostgreSQL at {url} ({trouble}). Start one (on Debian: apt install postgresql) and set "
            "VELA_TEST_POSTGRES to a database in which tests may create and drop anything."
        )
    return url


def chromium_path() -> str:
    """The path of the browser for the browser tests; without one the asking test is skipped, in CI failed."""
    named = os.environ.get("VELA_TEST_CHROMIUM")
    names = (named,) if named else BROWSERS
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        _missing(
            f"No browser: looked for {', '.join(names)}. On Debian: apt install chromium, or set VELA_TEST_CHROMIUM."
        )
    return path


def inspector_path() -> str:
    """The path of the MCP Inspector; without one the asking test is skipped, everywhere."""
    named = os.environ.get("VELA_TEST_INSPECTOR")
    path = shutil.which(named) if named else None
    if path is None:
        pytest.skip(
            f"No MCP Inspector at {named!r}. Get it with `npm install @modelcontextprotocol/inspector@2.12.0` and set "
            "VELA_TEST_INSPECTOR to node_modules/.bin/mcp-inspector."
        )
    return path


@cache
def _postgres_trouble(url: str) -> str:
    try:
        psycopg.connect(url.replace("+psycopg", ""), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        return str(error).strip().partition("\n")[0]
    return ""


def _missing(words: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)
