"""Entries of the trail in words: what was done to what, and how it differs from before."""

from typing import Any

from vela.domain.audit.models import AuditEntry
from vela.language import gettext as _


def name_of_kind(subject: str) -> str:
    """What a kind of thing is called where changes are narrowed to it."""
    names = {
        "service": _("Offers"),
        "transaction": _("Sales"),
        "expense": _("Operating expenses"),
        "month": _("Closed months"),
        "user": _("Users"),
        "token": _("Tokens"),
        "workspace": _("Settings"),
        "books": _("Checks, repairs and the secret"),
    }
    return names.get(subject, subject)


def sentence(entry: AuditEntry) -> str:
    """What was done, to follow the name of who did it: "recorded sale 12 of 2026-11"."""
    return _acts(_thing(entry)).get(entry.action, f"{entry.action}: {_thing(entry)}")


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
        "rebuild sums": _("made the monthly sums anew"),
    }


def _thing(entry: AuditEntry) -> str:
    said: dict[str, Any] = {**(entry.before or {}), **(entry.after or {})}
    number = {"id": entry.subject_id or ""}
    match entry.subject:
        case "service":
            name = said.get("name")
            return _("offer %(name)s", name=name) if name else _("offer %(id)s", **number)
        case "transaction":
            month = said.get("month")
            return _("sale %(id)s of %(month)s", month=month, **number) if month else _("sale %(id)s", **number)
        case "expense":
            return _("expense %(name)s", name=said.get("name") or entry.subject_id)
        case "month":
            return str(said.get("month") or "")
        case "user":
            return _("user %(name)s", name=said.get("username") or entry.subject_id)
        case "token":
            return _("token %(name)s", name=said.get("name") or entry.subject_id)
        case "workspace":
            return _("the settings")
        case _:
            return f"{entry.subject} {entry.subject_id or ''}".strip()


def differences(entry: AuditEntry) -> list[tuple[str, str | None, str | None]]:
    """Name, what was and what is, of everything that an entry says; None where it says nothing."""
    before, after = entry.before or {}, entry.after or {}
    names = [*after, *(name for name in before if name not in after)]
    rows = [(name, shown(before, name), shown(after, name)) for name in names]
    return [(name, None if was == now else was, now) for name, was, now in rows]


def shown(values: dict[str, Any], name: str) -> str | None:
    """One of the values an entry holds, for people: a dash for nothing; None when it is not among them."""
    if name not in values:
        return None
    value = values[name]
    if isinstance(value, list):
        return "; ".join(str(each) for each in value) or "—"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "—" if value in (None, "") else str(value)
