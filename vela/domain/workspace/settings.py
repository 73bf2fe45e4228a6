"""Reading and changing the settings of the business, and remembering what was seeded."""

from sqlalchemy.orm import Session

from vela.clock import now, today
from vela.domain.audit import trail
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


def change_workspace(session: Session, actor: Actor, words: WorkspaceChanges) -> Workspace:
    """Change what was said. Raises Forbidden."""
    require(actor, Act.CHANGE_SETTINGS)
    settings = session.merge(workspace(session))
    before = _shown(settings)
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
            after=_shown(settings),
        )
    return settings


def _shown(settings: Workspace) -> dict[str, object]:
    return {
        "name": settings.name,
        "currency": settings.currency,
        "time_zone": settings.time_zone,
    }


def seed_once(session: Session, name: str) -> bool:
    """True the first time it is asked for `name`, ever; False afterwards."""
    if session.get(Seed, name):
        return False
    session.add(Seed(name=name, loaded_at=now()))
    session.flush()
    return True
