"""Ten thousand random edits of the trail, made straight in SQL, and every one of them found."""

import os

import pytest

from tests.tampering import EDITS, chained, tampered
from vela.db import Database
from vela.domain.audit.chain import verify

pytestmark = pytest.mark.skipif(os.environ.get("VELA_PROVE") != "1", reason="long; VELA_PROVE=1, or make prove")

TIMES = 10_000
ENTRIES = 12


def test_ten_thousand_random_edits_are_all_found(database: Database) -> None:
    with chained(database, ENTRIES) as edit:
        for seed in range(TIMES):
            with tampered(edit, EDITS[seed % len(EDITS)], seed) as what:
                assert list(verify(edit)), what
        assert list(verify(edit)) == []
