"""What a running Vela is made of: its settings, its database and its secret, opened once per process."""

from dataclasses import dataclass

from vela.db import Database
from vela.settings import Settings


@dataclass(frozen=True, slots=True)
class Vela:
    """Handed to every face; nothing in it knows about the web."""

    settings: Settings
    database: Database
    secret: bytes


def wire(settings: Settings) -> Vela:
    """Open what the settings name. Raises BadSetting."""
    return Vela(settings, Database(settings.database_url), settings.secret())
