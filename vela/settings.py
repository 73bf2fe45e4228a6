"""Every setting: its environment variable, its default and its meaning, read once at start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SECRET_BYTES = 32
MOST_DIGITS = 4
BIND = re.compile(r"unix:/.+|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")
WEB_ADDRESS = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/[A-Za-z0-9._~/-]*")
FEWEST_LETTERS = 8
LEAST_TOKEN = 20
# What stands in instructions, and is copied from them.
KNOWN_WORDS = re.compile(
    rb"change|me|this|please|your|my|a|the|to|in|not|so|very|super|top|long|random|secure|insecure|unsafe|strong|secret|key"
    rb"|string|value|default|example|sample|test|dev|development|production|prod|app|flask|django|vela|session|jwt|token"
    rb"|password|passphrase|admin|replace|with|here|abc|qwerty|foo|bar|xxx|x|at|least|characters|bytes|bits|hex"
)
PROJECT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting cannot be used; the message names the variable and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided.

    bind          VELA_BIND           host:port, or unix:/path, to listen on (127.0.0.1:8788)
    data_dir      VELA_DATA_DIR       database, secret, backups (`var` beside the program)
    database_url  VELA_DATABASE_URL   sqlite:///… or postgresql://… (vela.db in the data directory)
    backup_dir    VELA_BACKUP_DIR     where backups are kept (`backups` in the data directory)
    api_token     VELA_API_TOKEN      whom the MCP server acts as; empty elsewhere
    mcp_user      VELA_MCP_USER       whom the MCP server acts as instead, without a token: with an SQLite file alone
    mcp_read_only VELA_MCP_READONLY   1: the MCP server changes nothing, whatever its user may (0)
    mcp_bind      VELA_MCP_BIND       host:port where `vela mcp` listens for agents (127.0.0.1:8789)
    mcp_url       VELA_MCP_URL        where agents of other machines find it, https://…; only this machine's without it
    threads       VELA_THREADS        requests served at once by each process (8)
    workers       VELA_WORKERS        processes; more than one needs PostgreSQL (1)
    trusted_hops  VELA_TRUSTED_PROXIES  how many reverse proxies stand in front and set X-Forwarded-* (0)
    allow_http    VELA_ALLOW_HTTP     1: others than this machine may speak to it without encryption (0)
    log           VELA_LOG            json or plain lines on standard error (plain on a terminal, else json)
    idle          VELA_IDLE_HOURS     hours after which a sign-in that nobody uses ends (8)
    metrics_token VELA_METRICS_TOKEN  what a program has to say to read /metrics (none: only this machine may)
    api_rate      VELA_API_RATE       calls a token, or an address without one, gets of each process a minute (1200)
    webhooks_private  VELA_WEBHOOKS_PRIVATE  1: webhooks may be sent unencrypted, and to private addresses (0)
    """

    bind: str
    data_dir: Path
    database_url: str
    backup_dir: Path
    api_token: str
    threads: int
    workers: int
    trusted_hops: int
    allow_http: bool = False
    log: str = ""
    idle: timedelta = timedelta(hours=8)
    metrics_token: str = field(default="", repr=False)
    webhooks_private: bool = False
    api_rate: int = 1200
    mcp_user: str = ""
    mcp_read_only: bool = False
    mcp_bind: str = "127.0.0.1:8789"
    mcp_url: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the variables. Raises BadSetting when one makes no sense."""
        env = os.environ if environment is None else environment
        data_dir = Path(env.get("VELA_DATA_DIR") or PROJECT / "var").expanduser().resolve()
        if "?" in str(data_dir):
            raise BadSetting("VELA_DATA_DIR must not hold a question mark.")
        url = _database_url(env.get("VELA_DATABASE_URL") or f"sqlite:///{data_dir / 'vela.db'}")
        workers = _count(env, "VELA_WORKERS", default=1, least=1)
        if workers > 1 and url.startswith("sqlite"):
            raise BadSetting(
                "VELA_WORKERS is more than 1, which needs PostgreSQL: set VELA_DATABASE_URL or one worker."
            )
        return cls(
            bind=_address(env.get("VELA_BIND") or "127.0.0.1:8788"),
            data_dir=data_dir,
            database_url=url,
            backup_dir=Path(env.get("VELA_BACKUP_DIR") or data_dir / "backups").expanduser().resolve(),
            api_token=env.get("VELA_API_TOKEN", ""),
            threads=_count(env, "VELA_THREADS", default=8, least=1),
            workers=workers,
            mcp_user=env.get("VELA_MCP_USER", ""),
            mcp_read_only=_one_of(env, "VELA_MCP_READONLY", ("0", "1")) == "1",
            mcp_bind=_port(env.get("VELA_MCP_BIND") or "127.0.0.1:8789"),
            mcp_url=_web_address(env.get("VELA_MCP_URL", "")),
            trusted_hops=_count(env, "VELA_TRUSTED_PROXIES", default=0, least=0),
            allow_http=_one_of(env, "VELA_ALLOW_HTTP", ("0", "1")) == "1",
            log=_one_of(env, "VELA_LOG", ("json", "plain")),
            idle=timedelta(hours=_count(env, "VELA_IDLE_HOURS", default=8, least=1)),
            metrics_token=_long_enough(env, "VELA_METRICS_TOKEN"),
            api_rate=_count(env, "VELA_API_RATE", default=1200, least=0),
            webhooks_private=_one_of(env, "VELA_WEBHOOKS_PRIVATE", ("0", "1")) == "1",
        )

    @property
    def serving_lock(self) -> Path:
        """The file that is locked while a service runs on this data directory."""
        return self.data_dir / "serving.lock"

    @property
    def agents_lock(self) -> Path:
        """The file that is locked while agents are served over HTTP from this data directory."""
        return self.data_dir / "agents.lock"

    @property
    def secret_file(self) -> Path:
        return self.data_dir / "secret"

    @property
    def next_secret_file(self) -> Path:
        """The key that takes the place of `secret_file`, while it is being changed."""
        return self.data_dir / "secret.next"

    @property
    def is_open_http(self) -> bool:
        """Whether what people type crosses a network unencrypted."""
        return not self.is_local and not self.trusted_hops

    @property
    def is_local(self) -> bool:
        """Whether only programs on this machine can reach what listens at `bind`, with no proxy in front."""
        if self.trusted_hops:
            return False
        host = self.bind.rpartition(":")[0].strip("[]")
        if self.bind.startswith("unix:") or host == "localhost":
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def secret(self) -> bytes:
        """The key that signs sign-ins: made at first need, readable by the owner alone, never a default."""
        return _secret_in(self.secret_file)

    def next_secret(self) -> bytes | None:
        """The key that takes its place, if it is being changed: what is sealed may be sealed with either."""
        return _secret_in(self.next_secret_file) if self.next_secret_file.exists() else None

    def begin_next_secret(self) -> bytes:
        """That key, made unless it was begun before."""
        return _secret_in(self.next_secret_file)

    def put_next_secret_in_place(self) -> None:
        """From now on it is the key; the one before is gone."""
        self.next_secret_file.replace(self.secret_file)
        folder = os.open(self.data_dir, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _secret_in(path: Path) -> bytes:
    try:
        if not path.exists():
            _make_secret(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise BadSetting(f"VELA_DATA_DIR must be a folder Vela may write to: {error}.") from error
    if len(key) < SECRET_BYTES:
        raise BadSetting(f"The secret in {path} is too short: remove the file and a new one is made.")
    if is_guessable(key):
        raise BadSetting(f"Everybody can guess the secret in {path}: remove the file and a new one is made.")
    return key


def is_guessable(key: bytes) -> bool:
    """Whether a secret consists of nothing but words from instructions, or of very few letters."""
    letters = re.sub(rb"[^a-z]", b"", key.lower())
    told = KNOWN_WORDS.sub(b"", letters)
    return len(set(key)) < FEWEST_LETTERS or (bool(letters) and not told)


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"secret.{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    _keep_first(fresh, path)


def _keep_first(fresh: Path, path: Path) -> None:
    """Put `fresh` at `path` unless another process was quicker."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _address(bind: str) -> str:
    if BIND.fullmatch(bind) and (bind.startswith("unix:") or int(bind.rpartition(":")[2]) < 2**16):
        return bind
    raise BadSetting(f"VELA_BIND must be host:port, such as 127.0.0.1:8788, or unix:/path, not {bind!r}.")


def _port(bind: str) -> str:
    if BIND.fullmatch(bind) and not bind.startswith("unix:") and int(bind.rpartition(":")[2]) < 2**16:
        return bind
    raise BadSetting(f"VELA_MCP_BIND must be host:port, such as 127.0.0.1:8789, not {bind!r}.")


def _web_address(url: str) -> str:
    if not url or WEB_ADDRESS.fullmatch(url):
        return url
    raise BadSetting(f"VELA_MCP_URL must be an address such as https://vela.example.com/mcp, not {url!r}.")


def _database_url(url: str) -> str:
    if not url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        raise BadSetting("VELA_DATABASE_URL must start with sqlite:/// or postgresql://")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSetting("VELA_DATABASE_URL must look like postgresql://user@host:5432/name") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadSetting("VELA_DATABASE_URL must name a file, such as sqlite:////var/lib/vela/vela.db")
    return url


def _one_of(env: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    text = env.get(name, "")
    if text and text not in words:
        raise BadSetting(f"{name} must be {' or '.join(words)}, not {text!r}.")
    return text


def _long_enough(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "")
    if text and (len(text) < LEAST_TOKEN or not text.isascii() or not text.isprintable() or " " in text):
        raise BadSetting(f"{name} must be {LEAST_TOKEN} or more letters and digits, such as: openssl rand -hex 32")
    return text


def _count(env: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) >= least):
        raise BadSetting(f"{name} must be a whole number of {least} or more, not {text!r}.")
    return int(text)
