"""What is counted and how the books stand, in the text format of Prometheus, for programs of this machine alone."""

from collections.abc import Iterator
from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from vela.domain.notifying.queries import Queue
from vela.meters import counted
from vela.standing import Standing, age, standing
from vela.wiring import Vela

LOOPBACK = ("127.", "::1", "::ffff:127.")
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
ORIGINAL = "werkzeug.proxy_fix.orig"

pages = Blueprint("ops", __name__)


def _vela() -> Vela:
    return current_app.extensions["vela"]


@pages.get("/metrics")
def metrics() -> Response:
    """Everything counted so far. For others than whoever may read it, there is nothing at this address."""
    if not _may_read():
        abort(404)
    registry = counted()
    registry.register(_Books(_vela()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read() -> bool:
    """Whoever says the token; without a token, programs of this machine that no proxy passed on."""
    token = _vela().settings.metrics_token
    if token:
        scheme, _gap, said = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and compare_digest(said.strip().encode(), token.encode())
    return not any(name in request.headers for name in PASSED_ON) and _peer().startswith(LOOPBACK)


def _peer() -> str:
    """Who is connected to us, whatever a proxy says; a unix socket has no address, and is of this machine."""
    told = request.environ.get(ORIGINAL) or request.environ
    return str(told.get("REMOTE_ADDR") or "127.")


class _Books(Collector):
    """How the books stand at the moment they are asked."""

    def __init__(self, vela: Vela) -> None:
        self._vela = vela

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _gauges(standing(self._vela.settings, self._vela.database))


def _gauges(found: Standing) -> Iterator[GaugeMetricFamily]:
    """What is not known has no figure: an alert asks for its absence."""
    told: list[tuple[str, str, float | None]] = [
        ("vela_database_up", "Whether the database answers.", found.database == "ok"),
        ("vela_read_only", "Whether changes are refused because a check failed.", found.stopped),
        ("vela_check_ok", "Whether the last check found nothing.", found.check_ok),
        ("vela_check_age_seconds", "How long ago the books were checked.", found.check_age),
        ("vela_backup_age_seconds", "How long ago the last verified backup was made.", found.backup_age),
        ("vela_disk_free_bytes", "Room on the disk of the data folder.", found.disk_free),
        *(_of_webhooks(found.webhooks) if found.webhooks else ()),
    ]
    for name, words, value in told:
        if value is not None:
            yield GaugeMetricFamily(name, words, value=value)


def _of_webhooks(queue: Queue) -> Iterator[tuple[str, str, float | None]]:
    oldest, failing = queue.oldest, queue.failing_since
    yield "vela_webhook_waiting", "Deliveries that wait for webhooks that are active.", queue.waiting
    yield "vela_webhook_oldest_seconds", "How long ago the oldest of them happened.", age(oldest) if oldest else 0
    yield "vela_webhook_given_up", "Deliveries given up in the last 30 days.", queue.given_up
    yield "vela_webhooks_off", "Webhooks that Vela turned off by itself.", queue.off
    yield "vela_webhook_failing_seconds", "How long an active webhook has been failing.", age(failing) if failing else 0
