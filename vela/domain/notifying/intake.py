"""What callers may say about webhooks: an address, and the kinds of events it is told of."""

import re
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import Url

from vela.addresses import is_private_by_name
from vela.domain.notifying.kinds import CHOSEN, Kind
from vela.domain.notifying.models import LONGEST_ADDRESS
from vela.errors import invalid
from vela.intake import Flag, Words, refusal
from vela.language import gettext as _

ANOTHER = " (another)"
"""What the trail adds to an address of which something changed that it does not show."""
UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
# What an address may consist of (RFC 3986, section 2); a name in other letters is looked up in its xn-- form.
AS_WRITTEN = re.compile(r"https?://(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})+", re.IGNORECASE)


def _address(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    example = _("Enter an address, such as https://example.com/hooks.")
    if not text:
        raise refusal("required", example)
    try:
        found = Url(text)
    except ValueError:
        raise refusal("address", example) from None
    if UNFIT.search(text) or found.scheme not in ("http", "https") or not found.host:
        raise refusal("address", example)
    if not AS_WRITTEN.fullmatch(text):
        words = _(
            "Write the address in its encoded form, without letters such as é: the name of the host as in "
            "https://xn--bcher-kva.example, and what comes after it percent-encoded."
        )
        raise refusal("address", words)
    if found.username is not None or found.password is not None:
        raise refusal("address", _("Leave the name and the password out of the address: each event is signed instead."))
    if found.fragment is not None:
        raise refusal("address", _("Leave out what stands after #, which is never sent."))
    if len(str(found)) > LONGEST_ADDRESS:
        raise refusal("overlong", _("Use at most %(count)d characters.", count=LONGEST_ADDRESS))
    return str(found)


def _events(value: object) -> list[Kind]:
    asked = cast("list[object]", value) if isinstance(value, list) else []
    if not asked:
        raise refusal("required", _("Choose at least one event."))
    unknown = [str(each)[:40] for each in asked if each not in list(CHOSEN)]
    if unknown:
        kinds = ", ".join(CHOSEN)
        raise refusal("event", _("There is no such event. Choose from these: %(kinds)s.", kinds=kinds))
    return [kind for kind in CHOSEN if kind in asked]


_EVENTS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "enum": [kind.value for kind in CHOSEN]},
    "minItems": 1,
}
Address = Annotated[
    str,
    BeforeValidator(_address),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": LONGEST_ADDRESS}),
    Field(description="Where events are sent: https, and an address of the public internet."),
]
Events = Annotated[
    list[Kind], BeforeValidator(_events), WithJsonSchema(_EVENTS), Field(description="The kinds it is told of.")
]


class NewWebhook(Words):
    """A webhook: where to, and of what."""

    address: Address
    events: Events


class WebhookChanges(Words):
    """What to change of a webhook; one that is not active is told nothing, and does not hear of it later."""

    echoes = frozenset({"id"})
    address: Address = ""
    events: Events = Field(default_factory=list[Kind])
    active: Flag = True


def refuse_private(address: str, *, private: bool) -> None:
    """Raises Invalid for an address that says itself that nothing may be sent there, unless `private` allows that.

    A name is looked up when something is sent, each time.
    """
    found = urlsplit(address)
    if private:
        return
    if found.scheme != "https":
        words = _("Use https, so that nobody on the way can read what is sent.")
        raise invalid("address", "address", words)
    if is_private_by_name(found.hostname or ""):
        words = _(
            "This is no address of the public internet. The operator can allow such addresses with "
            "VELA_WEBHOOKS_PRIVATE=1."
        )
        raise invalid("address", "private_address", words)


def masked(address: str) -> str:
    """An address for the trail, which is kept for ever: what stands after the host may be a secret."""
    found = urlsplit(address)
    rest = f"{found.path}?{found.query}" if found.query else found.path
    return f"{found.scheme}://{found.netloc}{'/…' if rest.strip('/') else ''}"
