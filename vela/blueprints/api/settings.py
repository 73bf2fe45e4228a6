"""The settings of the books over JSON: their name, their currency, and where their days begin."""

from typing import Self

from flask import Response

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.reading import body
from vela.blueprints.api.routes import call
from vela.blueprints.api.versions import Versioned, refuse_unmatched
from vela.domain.audit import trail
from vela.domain.ledger import commands
from vela.domain.people.access import Act
from vela.domain.workspace.intake import WorkspaceChanges
from vela.domain.workspace.models import Workspace
from vela.domain.workspace.settings import workspace
from vela.shapes.base import Shape

TAG = "Settings"


class SettingsShape(Shape):
    """What the books are called, what they are kept in, and the time zone that decides which month it is."""

    name: str
    currency: str
    time_zone: str
    version: int

    @classmethod
    def of(cls, books: Workspace) -> Self:
        return cls.model_validate({name: getattr(books, name) for name in cls.model_fields})


class SettingsUpdate(Versioned, WorkspaceChanges):
    """What to change of the settings; what is left out keeps its value."""


@call("GET /settings", TAG, Answer(model=SettingsShape, headers=("ETag",)))
def get_settings() -> Response:
    """The settings of the books."""
    with database().reading() as session:
        books = workspace(session)
        return answer(SettingsShape.of(books), version=books.version)


@call(
    "PUT /settings",
    TAG,
    Answer(model=SettingsShape, headers=("ETag",)),
    said=SettingsUpdate,
    example={"name": "Vela Storage", "time_zone": "Africa/Casablanca", "version": 1},
    refuses=(*NEEDS_RIGHTS, 409, 412),
)
def change_settings() -> Response:
    """Change what was sent of the settings. Amounts are not converted, so the currency stays once there are sales.

    Another currency then, or once a month was closed, is 409 CURRENCY_IN_USE.
    """
    permit(Act.CHANGE_SETTINGS)
    words = body(SettingsUpdate)
    with database().transaction() as session:
        books = commands.hold_settings(session, words)
        last = trail.latest(session, "workspace", 1)
        refuse_unmatched(books.version, last.username if last else None, last.at if last else None)
        books = commands.change_settings(session, actor(), words, version=words.read_version)
        return answer(SettingsShape.of(books), version=books.version)
