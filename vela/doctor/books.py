"""The books themselves: whether they are proven, backed up, and kept by a database that keeps its word."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from vela.doctor.findings import Finding, failure, fine, warning
from vela.domain.notifying.queries import Queue
from vela.language import gettext as _
from vela.language import ngettext
from vela.standing import OLD, Standing, age

MENDED = (3, 51, 3)
YEARS = range(2026, 2100)
HOUR = 3600


def engine(version: tuple[int, ...]) -> Finding:
    """SQLite before 3.51.3 can lose pages when a checkpoint meets a write."""
    said = ".".join(map(str, version))
    if version >= MENDED:
        return fine("sqlite", _("SQLite is %(version)s.", version=said))
    words = _(
        "SQLite %(version)s can lose pages when a checkpoint meets a write (mended in 3.51.3). Vela takes its "
        "checkpoints while it holds the lock of writers, so that they never meet; another program could let them.",
        version=said,
    )
    return warning("sqlite", words, _("Upgrade the system when it offers SQLite 3.51.3, and let only Vela write."))


def standing(found: Standing) -> Iterator[Finding]:
    """Whether the books can be read and changed, and were proven lately."""
    if found.database == "unreadable":
        yield failure("database", _("Something in the database cannot be read."), "vela check")
        return
    if found.database != "ok":
        yield failure("database", _("The database does not answer."), _("Start it, or check VELA_DATABASE_URL."))
        return
    if found.schema == "missing":
        do = _("Mount its disk, mend VELA_DATABASE_URL, or: vela restore latest. For new books: vela migrate")
        yield failure("database", _("There is no database, or nothing in it."), do)
        return
    if found.schema != "current":
        do = _("vela migrate; or install the newer Vela that made the database")
        yield failure("database", _("The schema is not the one this Vela needs."), do)
        return
    if found.writable is False:
        yield failure(
            "database", _("The database may not be written to."), _("Mend its disk or the rights of its files.")
        )
    else:
        yield fine("database", _("The database answers."))
    if found.stopped:
        yield failure("read_only", _("Vela is read-only, because a check failed."), "vela check")
    yield _check(found)
    if found.webhooks:
        yield webhooks(found.webhooks)


def webhooks(queue: Queue) -> Finding:
    """Whether what webhooks are to be told arrives."""
    do = _("See what came back under Settings, Webhooks; may Vela speak to it? (docs/operations.md, Let webhooks out)")
    if queue.off:
        words = ngettext(
            "%(count)d webhook was turned off because nothing could be delivered.",
            "%(count)d webhooks were turned off because nothing could be delivered.",
            queue.off,
        )
        return warning("webhooks", words, do)
    hours = int(age(queue.failing_since) // HOUR) if queue.failing_since else 0
    if hours:
        words = _(
            "A webhook has been failing for %(hours)s hours; %(waiting)s events wait.",
            hours=hours,
            waiting=queue.waiting,
        )
        return warning("webhooks", words, do)
    return fine("webhooks", _("Nothing is wrong with webhooks; %(waiting)s events wait.", waiting=queue.waiting))


def _check(found: Standing) -> Finding:
    if found.check_ok is None:
        return warning("check", _("The books were never checked."), _("vela check; and enable vela-check.timer"))
    if not found.check_ok:
        return failure("check", _("The last check found something wrong."), "vela check")
    hours = int((found.check_age or 0) // HOUR)
    words = _("The books were checked %(hours)s hours ago.", hours=hours)
    if (found.check_age or 0) > OLD.total_seconds():
        return warning(
            "check", words, _("Enable vela-check.timer, or see why it did not run: journalctl -u vela-check")
        )
    return fine("check", words)


def backup(age: float | None) -> Finding:
    """Seconds since the last verified backup was made; None without one."""
    if age is None:
        return failure("backup", _("There is no verified backup."), _("vela backup; and enable vela-backup.timer"))
    words = _("The last verified backup is %(hours)s hours old.", hours=int(age // HOUR))
    if age > OLD.total_seconds():
        return failure("backup", words, _("Enable vela-backup.timer, or see why it failed: journalctl -u vela-backup"))
    return fine("backup", words)


def demo(names: list[str], *, reachable: bool) -> Finding:
    """Accounts with passwords that everybody knows; `reachable` by others than this machine."""
    if not names:
        return fine("demo", _("There are no accounts with known passwords."))
    words = _("Everybody knows the passwords of %(names)s.", names=", ".join(names))
    do = _("vela user set-password NAME, or vela user deactivate NAME")
    return failure("demo", words, do) if reachable else warning("demo", words, do)


def clock(now: datetime, newest: datetime | None) -> Finding:
    """Whether the clock can be right: it is in our century, and not before the newest entry of the trail."""
    if now.year not in YEARS or (newest is not None and newest > now):
        words = _("The clock says %(now)s, which cannot be right.", now=f"{now:%Y-%m-%d %H:%M}Z")
        return failure("clock", words, _("Set it: timedatectl set-ntp true. Sales fall into months by it."))
    return fine("clock", _("The clock says %(now)s.", now=f"{now:%Y-%m-%d %H:%M}Z"))


def server(parameters: Mapping[str, str]) -> Iterator[Finding]:
    """What a PostgreSQL server was told about keeping what it was given, and what our role may do there."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if parameters.get(name) == "off":
            words = _("PostgreSQL runs with %(name)s off: a power cut loses money that was acknowledged.", name=name)
            yield failure(f"postgresql_{name}", words, f"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();")
    if parameters.get("is_superuser") == "on":
        words = _("Vela signs in to PostgreSQL as a superuser, who may do anything there.")
        yield warning("postgresql_role", words, _("Give it a role of its own that owns its database and nothing else."))
