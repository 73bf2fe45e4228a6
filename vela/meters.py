"""What is counted for Prometheus: requests, how long they took, commits, conflicts, refused sign-ins and webhooks."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter(
    "vela_requests",
    "Requests answered.",
    ["route", "method", "status"],
    registry=None,
)
DURATION = Histogram(
    "vela_request_duration_seconds", "How long requests took.", ["route"], buckets=SECONDS, registry=None
)
COMMITS = Counter("vela_commits", "Transactions of writers that were kept.", registry=None)
CONFLICTS = Counter("vela_conflicts", "Writes refused because of what was stored meanwhile.", ["code"], registry=None)
REFUSED_SIGN_INS = Counter("vela_refused_sign_ins", "Sign-ins refused.", ["reason"], registry=None)
WEBHOOKS = Counter("vela_webhook_attempts", "Attempts to deliver an event.", ["outcome"], registry=None)
ALL = (REQUESTS, DURATION, COMMITS, CONFLICTS, REFUSED_SIGN_INS, WEBHOOKS)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """One answered request. `route` is a rule such as /api/services/<int:service_id>, never an address."""
    REQUESTS.labels(route, method if method in METHODS else "other", str(status)).inc()
    DURATION.labels(route).observe(seconds)


def counted() -> CollectorRegistry:
    """Everything counted so far: by all processes that share a folder in PROMETHEUS_MULTIPROC_DIR, else by this one.

    The Prometheus client decides which it is when it is imported, so the variable has to be set before that.
    """
    registry = CollectorRegistry()
    if os.environ.get(DIRECTORY):
        MultiProcessCollector(registry)
    else:
        for meter in ALL:
            registry.register(meter)
    return registry
