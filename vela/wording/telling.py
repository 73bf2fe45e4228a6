"""Entries of the trail in words: what was done to what, and how it differs from before."""

import re
from decimal import Decimal
from typing import Any

from vela import figures
from vela.domain.audit.models import AuditEntry
from vela.domain.notifying.intake import ANOTHER
from vela.language import gettext as _
from vela.wording.facts import COMPONENT, Names, label, shown


def name_of_kind(subject: str) -> str:
    """What a kind of thing is called where changes are narrowed to it."""
    names = {
        "service": _("Offers"),
        "transaction": _("Sales"),
        "expense": _("Operating expenses"),
        "month": _("Closed months"),
        "user": _("Users"),
        "token": _("Tokens"),
        "webhook": _("Webhooks"),
        "proposal": _("Proposals"),
        "workspace": _("Settings"),
        "books": _("Checks, repairs and the secret"),
    }
    return names.get(subject, subject)


def sentence(entry: AuditEntry, known: Names | None = None) -> str:
    """What was done, to follow the name of who did it: "recorded the sale of 2 × Atlas in October 2026, 8,000 MAD"."""
    what = _thing(entry, known or Names())
    return act_on(what, entry.action)


def act_on(what: str, action: str) -> str:
    """What was done to something, in words."""
    return _acts(what).get(action, f"{action}: {what}")


def _acts(what: str) -> dict[str, str]:
    return {
        "create": _("made %(what)s", what=what),
        "change": _("changed %(what)s", what=what),
        "add component": _("added a component to %(what)s", what=what),
        "change component": _("changed a component of %(what)s", what=what),
        "change components": _("changed components of %(what)s", what=what),
        "reprice": _("changed a component of %(what)s", what=what),
        "remove component": _("removed a component of %(what)s", what=what),
        "undo": _("took a change of %(what)s back", what=what),
        "restore": _("restored an earlier state of %(what)s", what=what),
        "record sale": _("recorded %(what)s", what=what),
        "void sale": _("voided %(what)s", what=what),
        "reinstate sale": _("counted %(what)s again", what=what),
        "clear samples": _("removed the sample sales"),
        "add expense": _("added %(what)s", what=what),
        "change expense": _("changed %(what)s", what=what),
        "remove expense": _("removed %(what)s", what=what),
        "put back expense": _("put %(what)s back", what=what),
        "close month": _("closed %(what)s", what=what),
        "reopen month": _("reopened %(what)s", what=what),
        "choose preferences": _("chose the language and the keys of %(what)s", what=what),
        "set password": _("set the password of %(what)s", what=what),
        "revoke": _("ended %(what)s", what=what),
        "propose": _("proposed a change (%(what)s)", what=what),
        "approve": _("approved %(what)s", what=what),
        "decline": _("declined %(what)s", what=what),
        "end sign-ins": _("ended sign-ins of %(what)s", what=what),
        "turn on second factor": _("turned on the second factor of %(what)s", what=what),
        "turn off second factor": _("turned off the second factor of %(what)s", what=what),
        "reset second factor": _("took away the second factor of %(what)s", what=what),
        "make recovery codes": _("made new recovery codes of %(what)s", what=what),
        "use recovery code": _("signed in with a recovery code of %(what)s", what=what),
        "withdraw acceptance": _("let a finding count again that had been accepted"),
        "rotate secret": _("put a new secret in place of the old one"),
        "accept findings": _("accepted what a check had found"),
        "confirm prices": _("found the prices of the first offer right"),
        "end first steps": _("put the first steps away"),
        "remove": _("removed %(what)s", what=what),
        "ping": _("tried %(what)s", what=what),
        "send again": _("sent an event to %(what)s again", what=what),
        "send again what was given up": _("sent every event again that %(what)s had not taken", what=what),
        "give another secret": _("gave %(what)s another secret", what=what),
        "turn off": _("turned %(what)s off", what=what),
        "rebuild sums": _("made the monthly sums anew"),
    }


def _thing(entry: AuditEntry, known: Names) -> str:
    said: dict[str, Any] = {**(entry.before or {}), **(entry.after or {})}
    match entry.subject:
        case "service":
            # A change says the name only when it is the name that changed; then the one of that time counts.
            name = said.get("name") or known.offers.get(entry.subject_id or 0)
            return _("offer %(name)s", name=name) if name else _("offer %(id)s", id=entry.subject_id or "")
        case "transaction":
            return _sale(entry, said, known)
        case "expense":
            return _("expense %(name)s", name=said.get("name") or entry.subject_id)
        case "month":
            return shown(said, "month") or ""
        case "user":
            return _("user %(name)s", name=_user(entry, said, known))
        case "token":
            return _("token %(name)s", name=said.get("name") or entry.subject_id)
        case "webhook":
            address = str(said.get("address") or entry.subject_id)
            return _("webhook %(address)s", address=address.removesuffix(ANOTHER))
        case "workspace":
            return _("the settings")
        case "proposal":
            return _("proposal %(number)s", number=entry.subject_id or "")
        case _:
            return f"{entry.subject} {entry.subject_id or ''}".strip()


def _sale(entry: AuditEntry, said: dict[str, Any], known: Names) -> str:
    """A sale by what was sold; entries that say less of it get its number."""
    if not {"service_id", "quantity", "month", "revenue"} <= said.keys():
        return _("sale %(id)s", id=entry.subject_id or "")
    return _(
        "the sale of %(quantity)s × %(offer)s in %(month)s for %(amount)s",
        quantity=figures.quantity(int(said["quantity"])),
        offer=known.offer(said["service_id"]),
        month=shown(said, "month"),
        amount=figures.with_currency(Decimal(said["revenue"]), known.currency),
    )


def _user(entry: AuditEntry, said: dict[str, Any], known: Names) -> object:
    return (
        said.get("display_name") or known.users.get(entry.subject_id or 0) or said.get("username") or entry.subject_id
    )


def differences(entry: AuditEntry, known: Names | None = None) -> list[tuple[str, str | None, str | None]]:
    """Name, what was and what is, of everything that an entry tells; None where there was or is nothing to show.

    What did not change is left out, and a component that came or went takes one line.
    """
    before, after = entry.before or {}, entry.after or {}
    rows: list[tuple[str, str | None, str | None]] = []
    whole = {found["id"]: key for key in (*after, *before) if (found := _came_or_went(key))}
    for key in dict.fromkeys((*after, *before)):
        found = COMPONENT.fullmatch(key)
        if found and found["id"] in whole:
            if whole[found["id"]] == key:
                rows.append((found["name"], None, _summary(key, after) if after.get(key) else _("removed")))
            continue
        was, now = shown(before, key, known), shown(after, key, known)
        if was != now and {was, now} != {None, figures.NOTHING}:
            rows.append((label(key), None if was == figures.NOTHING else was, now))
    return rows


def _came_or_went(key: str) -> re.Match[str] | None:
    found = COMPONENT.fullmatch(key)
    return found if found and found["field"] in ("added", "removed") else None


def _summary(key: str, after: dict[str, Any]) -> str:
    """What a component was when it was added."""
    said = {name: shown(after, f"{key.rpartition('.')[0]}.{name}") for name in ("quantity", "unit_cost", "unit_sell")}
    if None in said.values():
        return _("added")
    return _("%(quantity)s × cost %(unit_cost)s, sell %(unit_sell)s", **said)
