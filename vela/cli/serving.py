"""Serving: gunicorn with the settings of Vela, started inside this program."""

import errno
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from gunicorn import systemd
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from typing_extensions import override

from vela import locks, logs
from vela.checkpoints import Keeper
from vela.cli.proving import prove_before_serving
from vela.cli.terminal import books
from vela.db import Database, sqlite_path
from vela.domain.people import queries
from vela.language import gettext as _
from vela.seeding import demo_users
from vela.settings import BadSetting, Settings

GRACEFUL_SECONDS = 30
SILENT_SECONDS = 60
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
FIGURES_BYTES = 1024 * 1024
"""Several times what all routes with all their answers take."""


@click.command()
def serve() -> None:
    """Serve Vela at VELA_BIND until it is told to stop."""
    settings = Settings.from_environment()
    refuse_open_http(settings)
    with books() as database:
        refuse_known_passwords(settings, database)
        with database.reading() as session:
            nobody = not queries.users(session)
    words = _("Nobody can sign in yet. Make the first admin, in another terminal: vela init")
    run(settings, log_level=logging.INFO, greet=lambda: logs.log().warning(words) if nobody else None)


def refuse_known_passwords(settings: Settings, database: Database) -> None:
    """Raises BadSetting where other machines would reach books that have accounts with known passwords."""
    if settings.is_local:
        return
    with database.reading() as session:
        known = demo_users(session)
    if known:
        words = _(
            "Everybody knows the passwords of %(names)s. Before others can reach this, give them new ones with "
            "`vela user set-password` or keep them out with `vela user deactivate`.",
            names=", ".join(user.username for user in known),
        )
        raise BadSetting(words)


def refuse_open_http(settings: Settings, variable: str = "VELA_BIND") -> None:
    """Raises BadSetting where passwords and tokens would cross a network in clear, unless that is meant."""
    if settings.is_open_http and not settings.allow_http:
        words = _(
            "%(variable)s=%(bind)s lets other machines in without encryption, passwords and all. Put a proxy in front "
            "(docs/operations.md) and set VELA_TRUSTED_PROXIES=1, or say that you mean it with VELA_ALLOW_HTTP=1.",
            variable=variable,
            bind=settings.bind,
        )
        raise BadSetting(words)


def run(settings: Settings, *, log_level: int, greet: Callable[[], None] = lambda: None) -> None:
    """Serve until a signal ends it, calling `greet` once it listens. Does not return. Raises BadSetting beforehand."""
    settings.secret()
    _check_free(settings.bind)
    say_that_it_runs(settings)
    logs.configure(logs.style_for(settings.log), log_level)
    prove_before_serving()
    figures = _count_together() if settings.workers > 1 else None

    def ready(_arbiter: object) -> None:
        greet()

    def make_room(_arbiter: object, _worker: object) -> None:
        if figures is not None:
            _make_room(figures)

    def begin_work(worker: Any) -> None:
        if path := sqlite_path(settings.database_url):
            Keeper(path).start()
        worker.courier = _courier(worker.wsgi.extensions["vela"])
        worker.courier.start()

    def end_work(_arbiter: object, worker: Any) -> None:
        if courier := getattr(worker, "courier", None):
            courier.stop()

    def forget_figures(_arbiter: object) -> None:
        if figures is not None:
            shutil.rmtree(figures, ignore_errors=True)

    hooks = {"when_ready": ready, "post_fork": make_room, "post_worker_init": begin_work}
    hooks |= {"worker_exit": end_work, "on_exit": forget_figures}
    told = options(settings) | hooks | {"loglevel": logging.getLevelName(log_level).lower()}
    Server(told, lambda: _application(settings)).run()


def _count_together() -> str:
    """A fresh folder in which several processes of this server count, in memory where there is a place for that."""
    places = (os.environ.get("RUNTIME_DIRECTORY"), "/dev/shm", os.environ.get("XDG_RUNTIME_DIR"))  # noqa: S108 mode 0700
    place = next((each for each in places if each and os.access(each, os.W_OK)), None)
    folder = tempfile.mkdtemp(prefix="vela-figures-", dir=place)
    os.environ[FIGURES] = folder
    return folder


def _make_room(figures: str) -> None:
    """Take the room for the figures of this process beforehand: a disk that is full when it is used ends the process.

    Without room it counts for itself alone; requests are worth more than the count of them.
    """
    try:
        for kind in ("counter", "histogram"):
            with (Path(figures) / f"{kind}_{os.getpid()}.db").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, FIGURES_BYTES)
    except OSError as error:
        for path in Path(figures).glob(f"*_{os.getpid()}.db"):
            path.unlink()
        del os.environ[FIGURES]
        logs.log().warning("figures apart", error=str(error))


def say_that_it_runs(settings: Settings) -> None:
    """Hold a lock while this process or a worker of it lives, so that nobody restores a backup under their feet."""
    try:
        locks.take(settings.serving_lock, shared=True)
    except locks.Held:
        raise BadSetting(_("A backup is being restored. Start Vela when that is done.")) from None


def _application(settings: Settings) -> Any:
    from vela.app import create_app  # noqa: PLC0415 half a second that only serving needs

    return create_app(settings)


def _courier(vela: Any) -> Any:
    """Who sends what webhooks are to be told, from the books that this process serves."""
    from vela.delivering.courier import Courier  # noqa: PLC0415 the same

    return Courier(vela.database, vela.sealer, private=vela.settings.webhooks_private)


class ToTheLog(Logger):
    """Gunicorn's own words, written the way everything else is."""

    @override
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):
    """Gunicorn, told everything by us: neither its own configuration files nor its own variables are read."""

    def __init__(self, told: Mapping[str, Any], make_application: Callable[[], Any]) -> None:
        self._told = told
        self._make_application = make_application
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._told.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make_application()


def options(settings: Settings) -> dict[str, Any]:
    """How gunicorn serves: processes with threads, which finish what they are doing when told to stop."""
    return {
        "proc_name": "vela",
        "bind": settings.bind,
        "workers": settings.workers,
        "worker_class": "gthread",
        "threads": settings.threads,
        "graceful_timeout": GRACEFUL_SECONDS,
        "timeout": SILENT_SECONDS,
        "keepalive": 5,
        # The access log belongs to the proxy: gunicorn writes a path as it was sent, line breaks included.
        "accesslog": None,
        "logger_class": ToTheLog,
        # It would open a socket under the home directory, which a service does not have.
        "control_socket_disable": True,
        # Who asks, and over which scheme, is believed from VELA_TRUSTED_PROXIES alone.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
    }


def _check_free(bind: str) -> None:
    """Raises BadSetting at once where gunicorn would try for five seconds. A socket handed over needs no room."""
    if _handed_over(bind):
        return
    if bind.startswith("unix:"):
        Path(bind.removeprefix("unix:")).parent.stat()
        return
    host, _colon, port = bind.rpartition(":")
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family_of(bind)).close()
    except OSError as error:
        raise BadSetting(why_not(bind, error)) from None


def family_of(bind: str) -> socket.AddressFamily:
    """The kind of socket that a host and a port ask for."""
    return socket.AF_INET6 if bind.startswith("[") else socket.AF_INET


def _handed_over(bind: str) -> bool:
    """Whether systemd listens already and hands its socket over. Raises BadSetting unless that is the one of `bind`."""
    count = systemd.listen_fds(unset_environment=False)
    for descriptor in range(systemd.SD_LISTEN_FDS_START, systemd.SD_LISTEN_FDS_START + count):
        with socket.socket(fileno=os.dup(descriptor)) as handed:
            at = _address_of(handed)
        if at != bind:
            # Whether others can reach it is judged by VELA_BIND, so it has to be true.
            words = _(
                "systemd listens on %(its)s and VELA_BIND says %(ours)s. Let both say the same.", its=at, ours=bind
            )
            raise BadSetting(words)
    return bool(count)


def _address_of(listening: socket.socket) -> str:
    name: Any = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"unix:{name}"
    host, port = name[:2]
    return f"[{host}]:{port}" if listening.family == socket.AF_INET6 else f"{host}:{port}"


def why_not(bind: str, error: OSError, variable: str = "VELA_BIND") -> str:
    """Why nothing can listen at `bind`, and which variable to set to what."""
    if error.errno == errno.EADDRINUSE:
        return _(
            "%(bind)s is in use. Stop what listens there, or set %(variable)s to another port.",
            bind=bind,
            variable=variable,
        )
    return _(
        "Cannot listen on %(bind)s (%(why)s). Set %(variable)s to another address.",
        bind=bind,
        why=error.strerror,
        variable=variable,
    )
