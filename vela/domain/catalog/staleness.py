"""Stale edits: what the caller read was changed by somebody else before the caller's own change arrived."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from vela.domain.catalog import revisions
from vela.domain.catalog.models import Component, Revision, Service
from vela.errors import Stale
from vela.language import gettext as _


def refuse_stale_component(
    session: Session,
    component: Component,
    changes: Mapping[str, Any],
    version: int | None,
) -> None:
    """Raises Stale when a field in `changes` is no longer what it was at `version` (None: the caller does not say).

    Two people changing different fields of one component do not clash, and the order of lines is never in dispute.
    """
    if version is None or version == component.version:
        return
    seen = revisions.line_at(session, component.id, version)
    for field, yours in changes.items():
        theirs = getattr(component, field)
        if field != "position" and (seen is None or getattr(seen, field) != theirs):
            made = revisions.who_changed(session, component.id, field)
            raise stale(made, component.version, field, theirs, yours)


def refuse_stale_removal(session: Session, component: Component, version: int | None) -> None:
    """Raises Stale when `component` was changed at all since `version`."""
    if version is not None and version != component.version:
        made = revisions.who_made(session, component.id, component.version)
        raise stale(made, component.version, "", component.name, None)


def refuse_stale_service(session: Session, service: Service, changes: Mapping[str, Any], version: int | None) -> None:
    """Raises Stale when a field in `changes` is no longer what it was at `version`, which is a revision's number."""
    if version is None or version == service.version:
        return
    seen = revisions.numbered(session, service.id, version)
    for field, yours in changes.items():
        theirs = getattr(service, field)
        if seen is None or getattr(seen, field) != theirs:
            made = revisions.who_changed_service(session, service.id, field)
            raise stale(made, service.version, field, theirs, yours)


def stale(made: Revision | None, version: int, field: str, theirs: Any, yours: Any) -> Stale:
    """The refusal itself; `made` is the revision in which the other change was made."""
    who = made.author if made else _("Somebody")
    words = _("%(who)s changed this meanwhile. Look at the new value, then decide.", who=who)
    at = made.at if made else None
    return Stale(
        "stale",
        words,
        field=field,
        theirs=theirs,
        yours=yours,
        who=who,
        at=at,
        version=version,
    )
