"""What an operator should learn of: each event is written to the log, and counted where there is a count of it."""

import secrets
from collections.abc import Iterable
from http import HTTPStatus

from vela import meters
from vela.errors import Conflict, Forbidden, Refusal
from vela.logs import log, traceback_without

NOWHERE = "(none)"


def fresh_code() -> str:
    """A code by which a person who met a fault and a line of the log find each other."""
    return secrets.token_hex(4)


def fault(error: BaseException, where: str, brought: Iterable[str] = ()) -> str:
    """A fault of ours at `where` (a rule, a tool). Returns its code, which is all that whoever asked is told.

    `brought` is what the request brought with it; none of it is written, nor handed to whatever writes the log.
    """
    code = fresh_code()
    told = traceback_without(brought, error)
    log().error("fault", code=code, where=where, error=type(error).__name__, traceback=told)
    return code


def answered(route: str, method: str, status: int, seconds: float, **who: str) -> None:
    """A request that was answered; `who` says user, face and address."""
    write = log().error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else log().info
    write("request", method=method, route=route, status=status, duration_ms=round(seconds * 1000, 1), **who)


def refused(refusal: Refusal, where: str, **who: str) -> None:
    """A refusal on any face: a forbidden act is written down, a conflict counted."""
    if isinstance(refusal, Forbidden):
        act = str(refusal.data.get("act", ""))
        log().warning("forbidden", code=refusal.code, act=act, route=where, **who)
    if isinstance(refusal, Conflict):
        meters.CONFLICTS.labels(refusal.code).inc()


def signed_in(user: str, address: str) -> None:
    log().info("signed in", user=user, address=address)


def sign_in_refused(reason: str, user: str, address: str) -> None:
    """A sign-in that failed. `user` is empty unless there is one: people type passwords into the wrong field."""
    meters.REFUSED_SIGN_INS.labels(reason).inc()
    log().warning("sign-in refused", reason=reason, user=user, address=address)


def changed(action: str, subject: str, subject_id: int | None, user: str, face: str) -> None:
    """A change that was kept: what the trail says of it, without the values before and after."""
    log().info("changed", action=action, subject=subject, subject_id=subject_id, user=user, face=face)
