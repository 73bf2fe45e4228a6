"""How old the last verified backup is, for the page of the settings."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from vela import clock
from vela.backup.sets import is_old, last_verified
from vela.blueprints.web.routes import pages
from vela.language import gettext as _
from vela.language import ngettext

HOUR = timedelta(hours=1)
TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last verified backup was made, in words; None without one. `late` when it should worry somebody."""

    age: str | None
    late: bool


@pages.app_template_global()
def last_backup() -> LastBackup:
    """The last verified backup of these books."""
    found = last_verified(current_app.extensions["vela"].settings)
    return LastBackup(_age(clock.now() - found.made_at) if found else None, is_old(found))


def _age(passed: timedelta) -> str:
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed < HOUR:
        return ngettext("%(count)d min ago", "%(count)d min ago", passed // timedelta(minutes=1))
    if passed < TWO_DAYS:
        return ngettext("%(count)d h ago", "%(count)d h ago", passed // HOUR)
    return ngettext("%(count)d day ago", "%(count)d days ago", passed // timedelta(days=1))
