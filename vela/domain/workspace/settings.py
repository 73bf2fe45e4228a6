"""Reading and changing the settings of the business, and remembering what was seeded."""

from sqlalchemy.orm import Session

from vela.clock import now, today
from vela.db import inserting
from vela.domain.audit import trail
from vela.domain.audit.disputes import refuse_disputed
from vela.domain.people.access import Act, Actor, require
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.models import Seed, Workspace
from vela.periods import Month


def workspace(session: Session) -> Workspace:
    """The settings, with defaults (MAD, Africa/Casablanca) until somebody changes them."""
    found = session.get(Workspace, 1)
    return found or Workspace(id=1, **_defaults())


def _defaults() -> dict[str, object]:
    columns = Workspace.__table__.columns
    return {c.name: c.default.arg for c in columns if c.default is not None and c.default.is_scalar}


def current_month(session: Session) -> Month:
    """The month of today where the books are kept."""
    return Month.of(today(workspace(session).time_zone))


def change_workspace(
    session: Session, actor: Actor, words: WorkspaceChanges, *, version: int | None = None
) -> Workspace:
    """Change what was said. Raises Forbidden; Stale when somebody changed the same since `version`."""
    require(actor, Act.CHANGE_SETTINGS)
    settings = held_workspace(session)
    before = _shown(settings)
    refuse_disputed(session, "workspace", 1, seen=version, version=settings.version, stands=before, wanted=words.said())
    for field, value in words.said().items():
        setattr(settings, field, value)
    if before != _shown(settings):
        settings.version += 1
        session.flush()
        trail.record(
            session,
            actor,
            "change",
            "workspace",
            1,
            before=before,
            after=_shown(settings) | {"version": settings.version},
        )
    return settings


def held_workspace(session: Session) -> Workspace:
    """The row of settings, made when it is not there yet, kept from other writers until the transaction ends."""
    session.execute(inserting(session, Workspace).values(id=1, **_defaults()).on_conflict_do_nothing())
    return session.get_one(Workspace, 1, populate_existing=True, with_for_update=True)


def _shown(settings: Workspace) -> dict[str, object]:
    return {
        "name": settings.name,
        "currency": settings.currency,
        "time_zone": settings.time_zone,
    }


def seed_once(session: Session, name: str) -> bool:
    """True the first time it is asked for `name`, ever; False afterwards."""
    # Whoever comes second waits here for the first, and then finds it done.
    loading = inserting(session, Seed).values(name=name, loaded_at=now()).on_conflict_do_nothing()
    return session.scalar(loading.returning(Seed.name)) is not None
