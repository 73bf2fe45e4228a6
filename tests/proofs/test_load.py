"""Under load, with backups running, nobody is refused, kept from an answer, or told that the database is locked."""

from pathlib import Path

from tests.proofs.loading import load

SECONDS = 5


def test_sixteen_clients_a_backup_and_a_long_list_at_once(bare_url: str, tmp_path: Path) -> None:
    found = load(tmp_path, bare_url, SECONDS)
    assert found.backups
    assert all(found.acknowledged.values())
