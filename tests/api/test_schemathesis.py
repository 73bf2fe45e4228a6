"""The whole API against its own document: thousands of made-up requests, right and wrong, on a listening server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import make
from vela.db import Database
from vela.domain.people.intake import NewToken
from vela.domain.people.signins import create_token
from vela.intake import read
from vela.seeding import seed_offers

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
EXAMPLES = 3
# Walks along the links of the document need more: each begins anywhere and follows few of them.
CONFIG = "[phases.stateful.generation]\nmax-examples = 12\n"
SECONDS = 600
# Left out: use_after_free, because a deleted service is deactivated and stays readable with its history.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)


@pytest.fixture
def token(books: Database) -> str:
    """An admin's personal token, which signing out does not end, on books with offers and a sale."""
    with books.transaction() as session:
        seed_offers(session)
        salma = make.user(session, "salma", role="admin", password="none of the examples")
        _, secret = create_token(
            session, make.admin(), salma, read(NewToken, {"name": "schemathesis", "scope": "admin"})
        )
        return secret


@pytest.mark.usefixtures("unlimited")
def test_the_api_keeps_every_word_of_its_document(address: str, token: str, tmp_path: Path) -> None:
    command = [
        *(SCHEMATHESIS, "run", f"{address}/api/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES)),
        *("--seed", "1", "--generation-database", "none"),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks"}
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shut_out = re.search(r"Authentication failed: (\d+) operation", ran.stdout)
    # Signing in; approving, declining and the four calls of one's own second factor, which no personal token may.
    assert shut_out is None or int(shut_out[1]) <= 7, "more than that was refused: it ended its own token"
    assert len(set(numbers(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", ran.stdout))) == 1
    assert numbers(r"(\d+) generated", ran.stdout)[0] > 1000
    assert numbers(r"API Links: +(\d+) covered", ran.stdout)[0] > 3


def numbers(pattern: str, report: str) -> list[int]:
    found = re.search(pattern, report)
    assert found, report
    return [int(text) for text in found.groups()]
