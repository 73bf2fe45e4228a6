"""Serving: gunicorn with the settings of Vela, started inside this program."""

import errno
import logging
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from vela.cli.terminal import books
from vela.language import gettext as _
from vela.seeding import demo_users
from vela.settings import BadSetting, Settings

GRACEFUL_SECONDS = 30
SILENT_SECONDS = 60


@click.command()
def serve() -> None:
    """Serve Vela at VELA_BIND until it is told to stop."""
    settings = Settings.from_environment()
    with books() as database, database.reading() as session:
        known = demo_users(session)
    if known and not settings.is_local:
        names = ", ".join(user.username for user in known)
        words = _(
            "Everybody knows the passwords of %(names)s. Before others can reach this, give them new ones with "
            "`vela user set-password` or keep them out with `vela user deactivate`.",
            names=names,
        )
        raise BadSetting(words)
    run(settings)


def run(settings: Settings, *, log_level: str = "info", greet: Callable[[], None] = lambda: None) -> None:
    """Serve until a signal ends it, calling `greet` once it listens. Does not return. Raises BadSetting beforehand."""
    settings.secret()
    _check_free(settings.bind)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("vela").setLevel(logging.INFO)

    def ready(_arbiter: object) -> None:
        greet()

    told = options(settings) | {"loglevel": log_level, "when_ready": ready}
    Server(told, lambda: _application(settings)).run()


def _application(settings: Settings) -> Any:
    from vela.app import create_app  # noqa: PLC0415 half a second that only serving needs

    return create_app(settings)


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
        # It would open a socket under the home directory, which a service does not have.
        "control_socket_disable": True,
        # Who asks, and over which scheme, is believed from VELA_TRUSTED_PROXIES alone.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
    }


def _check_free(bind: str) -> None:
    """Raises BadSetting at once where gunicorn would try for five seconds."""
    if bind.startswith("unix:"):
        Path(bind.removeprefix("unix:")).parent.stat()
        return
    host, _colon, port = bind.rpartition(":")
    host = host.strip("[]")
    try:
        socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise BadSetting(_why_not(bind, error)) from None


def _why_not(bind: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return _("%(bind)s is in use. Stop what listens there, or set VELA_BIND to another port.", bind=bind)
    return _("Cannot listen on %(bind)s (%(why)s). Set VELA_BIND to another address.", bind=bind, why=error.strerror)
