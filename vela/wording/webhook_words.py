"""What people call everything about webhooks: the kinds of events, states, what kept one from arriving, and advice."""

from collections.abc import Mapping
from typing import Any

from vela import figures
from vela.domain.notifying.kinds import CHOSEN, Kind
from vela.domain.notifying.models import Delivery
from vela.domain.notifying.queue import GONE
from vela.language import gettext as _

EXAMPLE = "https://example.com/hooks"


def words() -> dict[str, Any]:
    """All of them, as templates ask for them."""
    return {
        "kinds": CHOSEN,
        "called": called(),
        "off": _off(),
        "states": _states(),
        "troubles": _troubles(),
        "advice": advice,
        "example": EXAMPLE,
    }


def called() -> Mapping[str, str]:
    """What each kind of event is called."""
    return {
        Kind.RECORDED: _("Sale recorded"),
        Kind.VOIDED: _("Sale voided"),
        Kind.RESTORED: _("Sale counted again"),
        Kind.PRICE_CHANGED: _("Price changed"),
        Kind.CLOSED: _("Month closed"),
        Kind.REOPENED: _("Month reopened"),
        Kind.PING: _("Ping"),
    }


def listed(kinds: list[str]) -> str:
    """Several kinds of events in a row."""
    known = called()
    return ", ".join(known.get(kind, kind) for kind in kinds) or figures.NOTHING


def advice(delivery: Delivery) -> str:
    """What to do about an attempt that failed; empty where what came back says it best."""
    if delivery.delivered_at is not None or not delivery.attempts:
        return ""
    status = delivery.last_status
    if status is None:
        return _about_troubles().get(delivery.last_trouble, "")
    if status == GONE:
        return _("410 says that the receiver is gone for good, so the webhook was turned off.")
    if 300 <= status < 400:
        return _("It leads elsewhere, and nobody is followed there: enter the address at which it ends.")
    return ""


def _about_troubles() -> dict[str, str]:
    return {
        "private": _(
            "The name stands for an address that is not public. The operator can allow such addresses with "
            "VELA_WEBHOOKS_PRIVATE=1."
        ),
        "unknown_name": _("Nobody knows a machine of this name: is it spelt right?"),
        "unreachable": _("Nobody listens there, or something on the way keeps Vela from speaking to it."),
        "certificate": _("Its certificate is not that of the name, has ended, or nobody vouches for it."),
        "timeout": _("Answer within 15 seconds: first with 204, and then do the work."),
        "fault": _("The log of the server says more."),
    }


def _off() -> dict[str, str]:
    return {
        "person": _("Off"),
        "gone": _("Off: the receiver said that it is gone"),
        "failing": _("Off: it had failed for three days"),
        "secret": _("Off: give it another secret"),
    }


def _states() -> dict[str, str]:
    return {
        "waiting": _("Waiting"),
        "sending": _("Being sent"),
        "delivered": _("Delivered"),
        "given_up": _("Given up"),
    }


def _troubles() -> dict[str, str]:
    return {
        "private": _("no public address"),
        "unknown_name": _("unknown name"),
        "unreachable": _("not reached"),
        "certificate": _("wrong certificate"),
        "timeout": _("no answer in time"),
        "broken_off": _("broken off"),
        "fault": _("a fault of Vela's own"),
    }
