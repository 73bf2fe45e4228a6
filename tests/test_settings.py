"""Settings: which values are refused in which words, and the secret that is made once."""

import multiprocessing
import os
import secrets
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from vela.settings import BadSetting, Settings, is_guessable


def settings(folder: Path, **variables: str) -> Settings:
    return Settings.from_environment({"VELA_DATA_DIR": str(folder)} | variables)


def test_nothing_needs_to_be_set() -> None:
    found = Settings.from_environment({})
    assert (found.bind, found.threads, found.workers, found.trusted_hops) == ("127.0.0.1:8788", 8, 1, 0)
    assert found.database_url == f"sqlite:///{found.data_dir / 'vela.db'}"
    assert found.backup_dir == found.data_dir / "backups"
    assert found.api_token == ""


def test_an_empty_variable_is_no_variable() -> None:
    names = ("VELA_BIND", "VELA_DATA_DIR", "VELA_DATABASE_URL", "VELA_THREADS", "VELA_WORKERS", "VELA_TRUSTED_PROXIES")
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings.from_environment({})


def test_the_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VELA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VELA_THREADS", "3")
    found = Settings.from_environment()
    assert (found.data_dir, found.threads) == (tmp_path, 3)


def test_a_folder_may_be_relative_or_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings(Path("books")).data_dir == tmp_path / "books"
    assert settings(Path("~/books")).data_dir == tmp_path / "books"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("VELA_BIND", value) for value in ("8788", ":8788", "localhost", "host:port", "127.0.0.1:65536", "a b:80")],
        *[("VELA_THREADS", value) for value in ("0", "-1", "two", "1.5", "٨", "９", " 8", "1e3", "9" * 5000)],
        *[("VELA_WORKERS", value) for value in ("0", "x")],
        *[("VELA_API_RATE", value) for value in ("-1", "many", "1.5", "10000")],
        *[("VELA_TRUSTED_PROXIES", value) for value in ("-1", "many")],
        *[("VELA_DATABASE_URL", value) for value in (
            "mysql://db/vela", "postgres://db/vela", "vela.db", "sqlite://", "sqlite:///", "sqlite:///:memory:",
            "postgresql://db:port/vela",
        )],
        ("VELA_DATA_DIR", "/srv/what?"),
        *[("VELA_ALLOW_HTTP", value) for value in ("yes", "2", "true")],
        *[("VELA_LOG", value) for value in ("JSON", "text")],
        *[("VELA_MCP_BIND", value) for value in ("8789", "127.0.0.1", "127.0.0.1:99999", "unix:/run/vela")],
        *[("VELA_MCP_URL", value) for value in ("vela.example.com/mcp", "ftp://x/mcp", "https://", "https://a b/mcp")],
        *[("VELA_MCP_READONLY", value) for value in ("yes", "true", "2")],
        *[("VELA_METRICS_TOKEN", value) for value in ("x" * 19, "a token with words in it", "é" * 20)],
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        settings(tmp_path, **{name: value})


@pytest.mark.parametrize("bind", ["0.0.0.0:80", "localhost:8788", "[::1]:8788", "unix:/run/vela.sock", "books.lan:1"])
def test_addresses_to_listen_on(tmp_path: Path, bind: str) -> None:
    assert settings(tmp_path, VELA_BIND=bind).bind == bind


def test_several_processes_need_postgresql(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="needs PostgreSQL"):
        settings(tmp_path, VELA_WORKERS="2")
    assert settings(tmp_path, VELA_WORKERS="2", VELA_DATABASE_URL="postgresql://db/vela").workers == 2


# ---------- the secret


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    secret = settings(folder).secret()
    assert len(secret) >= 32
    assert settings(folder).secret() == secret
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert settings(tmp_path / "other").secret() != secret


@pytest.mark.parametrize("short", ["", "\n", "change-me", "x" * 31, f"   {'x' * 31}\n"])
def test_a_short_secret_is_refused(tmp_path: Path, short: str) -> None:
    (tmp_path / "secret").write_text(short)
    with pytest.raises(BadSetting, match="too short"):
        settings(tmp_path).secret()


@pytest.mark.parametrize(
    "told",
    [
        "change-me-" * 4,
        "your-secret-key-" * 3,
        "a" * 64,
        "ab" * 32,
        "Replace this with a long random string!",
        "0123" * 16,
    ],
)
def test_a_secret_that_everybody_can_guess_is_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "secret").write_text(told)
    with pytest.raises(BadSetting, match="can guess"):
        settings(tmp_path).secret()


def test_no_random_secret_is_taken_for_a_known_one() -> None:
    assert not any(is_guessable(secrets.token_hex(32).encode()) for _ in range(2000))
    assert not any(is_guessable(secrets.token_urlsafe(24).encode()) for _ in range(2000))


def test_a_folder_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="VELA_DATA_DIR"):
        settings(tmp_path / "file" / "data").secret()


def _secret_in(folder: str) -> tuple[int, bytes]:
    return os.getpid(), settings(Path(folder)).secret()


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(4, mp_context=context) as pool:
        found = list(pool.map(_secret_in, [str(tmp_path / f"data {n // 8}") for n in range(32)]))
    for first in range(0, 32, 8):
        assert len({secret for _, secret in found[first : first + 8]}) == 1
    assert not list(tmp_path.glob("*/secret.*"))
