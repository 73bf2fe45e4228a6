"""What a running Vela is made of: its settings, its database and its secret, opened once per process."""

from dataclasses import dataclass

from vela.db import Database
from vela.sealing import Sealer
from vela.settings import Settings
from vela.watching import watch


@dataclass(frozen=True, slots=True)
class Vela:
    """Handed to every face; nothing in it knows about the web."""

    settings: Settings
    database: Database
    secret: bytes
    sealer: Sealer


def wire(settings: Settings) -> Vela:
    """Open what the settings name, and watch it. Raises BadSetting."""
    watch()
    secret, following = settings.secret(), settings.next_secret()
    sealer = Sealer(secret, following) if following else Sealer(secret)
    return Vela(settings, Database(settings.database_url), secret, sealer)
