"""Browsers and programs by the names that people know them by."""

import re

from vela.language import gettext as _

# The first that fits counts: most browsers claim to be some other one, too.
PROGRAMS = (
    ("Edge", "Edg(?:e|A|iOS)?/"), ("Opera", "OPR/|Opera"), ("Samsung Internet", "SamsungBrowser/"),
    ("Firefox", "Firefox/|FxiOS/"), ("Chrome", "Chrome/|CriOS/|Chromium/"), ("Safari", "Safari/"),
    ("curl", "^curl/"), ("Python", "^python|^Werkzeug"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac", "Macintosh|Mac OS"), ("ChromeOS", "CrOS"), ("Linux", "Linux|X11"),
)  # fmt: skip


def device(agent: str) -> str:
    """What a user agent is, in plain words: Firefox on Linux."""
    program, system = _first(PROGRAMS, agent), _first(SYSTEMS, agent)
    if program and system:
        return _("%(program)s on %(system)s", program=program, system=system)
    return program or system or _("Unknown device")


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, sign in names if re.search(sign, agent)), "")
