"""The courier: a thread of each serving process that looks what is due and sends it, an event of a webhook at a time.

Webhooks do not wait for each other: each that has something due is served by a thread of its own, and there are few.
"""

import math
import threading
import time
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from vela import clock, events, logs, meters
from vela.db import Database
from vela.delivering.posting import ALL_SECONDS, post
from vela.domain.notifying import queue, signing
from vela.domain.notifying.queue import LEASE, Outcome, Parcel
from vela.errors import Refusal
from vela.sealing import Sealer

LOOK_SECONDS = 1.0
HANDS = 4
STOP_SECONDS = 3.0
TURN_SECONDS = 30.0
"""After which a webhook that has still something due stands in line again behind the others."""
CALM_SECONDS = 60.0
"""For how long nothing is tried again where a fault of ours was met."""
# How often an outcome is tried to be written down: when it cannot be, the event is sent again after the lease.
TRIES, AGAIN_SECONDS = 3, 0.5


class Courier:
    """Sends what is due in `database`, signed with what `sealer` opens; to private addresses only when `private`."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        private: bool = False,
        every: float = LOOK_SECONDS,
        seconds: float = ALL_SECONDS,
        lease: timedelta = LEASE,
        calm: float = CALM_SECONDS,
    ) -> None:
        self._database, self._sealer = database, sealer
        self._every, self._lease, self._calm = every, lease, calm
        self._post = partial(post, private=private, seconds=seconds)
        self._ended = threading.Event()
        self._guard = threading.Lock()
        self._serving: dict[int, threading.Thread] = {}
        self._served: dict[int, float] = {}
        self._calm_until: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="vela-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Begin nothing more, and give what is on its way a moment; what takes longer is sent again by another."""
        self._ended.set()
        until = time.monotonic() + seconds
        with self._guard:
            running = [self._thread, *self._serving.values()]
        for thread in running:
            if thread.is_alive():
                thread.join(max(until - time.monotonic(), 0))

    def deliver(self) -> int:
        """Send everything that is due now, here and not in threads; returns how many attempts that took."""
        with self._database.reading() as session:
            due = queue.due(session)
        return sum(self._serve(webhook_id) for webhook_id in due)

    def _run(self) -> None:
        """Look for what is due until we are told to stop, whatever goes wrong meanwhile."""
        while not self._ended.wait(self._every):
            try:
                self._look()
            except (SQLAlchemyError, Refusal, OSError) as error:
                logs.log().warning("webhooks wait", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 what nobody thought of must not end deliveries for good
                events.fault(error, "webhooks")
                self._ended.wait(self._calm)

    def _look(self) -> None:
        """Give everybody for whom something is due a thread, whoever had none for longest first."""
        with self._database.reading() as session:
            due = queue.due(session)
        self._served = {each: self._served[each] for each in due if each in self._served}
        for webhook_id in sorted(due, key=lambda each: self._served.get(each, 0.0)):
            if self._calm_until.get(webhook_id, 0.0) <= time.monotonic():
                self._send_somebody(webhook_id)

    def _send_somebody(self, webhook_id: int) -> None:
        """A thread for this webhook, unless it has one or nobody is free; it is looked for again soon."""
        with self._guard:
            if webhook_id in self._serving or len(self._serving) >= HANDS:
                return
            thread = threading.Thread(target=self._go, args=(webhook_id,), name="vela-webhook", daemon=True)
            thread.start()
            self._serving[webhook_id], self._served[webhook_id] = thread, time.monotonic()

    def _go(self, webhook_id: int) -> None:
        try:
            self._serve(webhook_id, time.monotonic() + TURN_SECONDS)
        except (SQLAlchemyError, Refusal, OSError) as error:
            logs.log().warning("webhook waits", webhook=webhook_id, error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 as above; what had been taken comes back when its lease ends
            events.fault(error, f"webhook {webhook_id}")
            self._calm_until[webhook_id] = time.monotonic() + self._calm
        finally:
            with self._guard:
                del self._serving[webhook_id]

    def _serve(self, webhook_id: int, until: float = math.inf) -> int:
        """Send to one webhook until nothing is due for it, its turn ends, or we are told to stop.

        Returns how many attempts that took.
        """
        attempts = 0
        parcel = self._settle_and_take(webhook_id)
        while parcel is not None:
            outcome = self._send(parcel)
            attempts += 1
            parcel = self._settle_and_take(webhook_id, parcel, outcome, more=time.monotonic() < until)
        return attempts

    def _send(self, parcel: Parcel) -> Outcome:
        outcome = self._attempt(parcel)
        meters.WEBHOOKS.labels("delivered" if outcome.arrived else outcome.trouble or "refused").inc()
        return outcome

    def _attempt(self, parcel: Parcel) -> Outcome:
        """What came back; a fault of ours counts as an attempt that failed, so that the event is sent again later."""
        try:
            at = int(clock.now().timestamp())
            headers = signing.headers(parcel.secrets, parcel.name, at, parcel.body)
            return self._post(parcel.address, headers, parcel.body)
        except Exception as error:  # noqa: BLE001 the event stays, and others must not wait for it
            events.fault(error, f"webhook {parcel.webhook_id}", [parcel.address, parcel.body, *parcel.secrets])
            return Outcome(trouble="fault")

    def _settle_and_take(
        self, webhook_id: int, parcel: Parcel | None = None, outcome: Outcome | None = None, *, more: bool = True
    ) -> Parcel | None:
        """Write down how one went and take the next, in one transaction: it costs the books one write an event."""
        for left in reversed(range(TRIES)):
            try:
                with self._database.transaction() as session:
                    off = queue.settle(session, parcel, outcome) if parcel and outcome else ""
                    going = more and not self._ended.is_set()
                    found = queue.take(session, self._sealer, webhook_id, lease=self._lease) if going else None
            except Refusal:
                if not left:
                    raise
                self._ended.wait(AGAIN_SECONDS)
                continue
            if off:
                logs.log().warning("webhook turned off", webhook=webhook_id, because=off)
            return found
        return None
