"""Names that tell when something was put aside: readable, in the order of time, and never taken."""

from collections.abc import Callable
from datetime import timedelta

from vela.clock import now


def free_stamp(taken: Callable[[str], bool]) -> str:
    """The present instant to the microsecond, in UTC, or the next one whose name is not `taken`."""
    moment = now()
    while taken(stamp := f"{moment:%Y%m%dT%H%M%S%fZ}"):
        moment += timedelta(microseconds=1)
    return stamp
