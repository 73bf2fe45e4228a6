"""The version that a caller read before changing something: in the body as `version`, or in If-Match."""

import re
from datetime import datetime
from typing import Annotated, Any

from flask import request
from pydantic import Field

from vela.errors import Stale
from vela.intake import Version, Words
from vela.language import gettext as _


class Versioned(Words):
    """Words that may carry the version their author read."""

    version: Annotated[
        Version,
        Field(description="The version you read: a field that somebody else has changed since is not overwritten."),
    ] = 1

    def said(self) -> dict[str, Any]:
        """What to change: every field that was given, but not the version."""
        return {name: value for name, value in super().said().items() if name != "version"}

    @property
    def read_version(self) -> int | None:
        """The version that was given, if one was."""
        return self.version if "version" in self.model_fields_set else None


def tag(version: int, digest: str) -> str:
    """The ETag of a resource at this version whose words have this digest."""
    return f"{version}-{digest}"


def refuse_unmatched(version: int, who: str | None, at: datetime | None) -> None:
    """Raises Stale when If-Match was sent and does not name `version`, the present one, last changed by `who`."""
    if "If-Match" not in request.headers or _is_named(version):
        return
    words = _("%(who)s changed this meanwhile. Look at the new value, then decide.", who=who or _("Somebody"))
    raise Stale("stale", words, field="", theirs=None, yours=None, who=who, at=at, version=version)


def _is_named(version: int) -> bool:
    """Whether If-Match names this version: as an ETag does, whatever its digest is, or bare. A weak one names none.

    The digest tells answers apart that differ in what is no part of the resource, such as the currency or an envelope,
    and whoever changes the resource does not overwrite that.
    """
    named = (re.fullmatch(r"([0-9]+)(-[0-9a-f]{32})?", said or "") for said in request.if_match.as_set())
    return request.if_match.star_tag or any(each is not None and each[1] == str(version) for each in named)
