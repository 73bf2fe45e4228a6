"""The age of the last verified backup, as an admin sees it on the page of the settings."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from vela import clock
from vela.backup import making
from vela.settings import Settings


def card(admin: FlaskClient) -> str:
    page = admin.get("/settings").text
    return " ".join(page[page.index('id="backup"') :].partition("</section>")[0].split())


@pytest.mark.parametrize(
    ("hours", "words", "late"),
    [(0, "just now", False), (3, "3 h ago", False), (36.1, "36 h ago", True), (80, "3 days ago", True)],
)
def test_the_age_is_shown_and_red_when_it_is_late(
    admin: FlaskClient, settings: Settings, hours: float, words: str, *, late: bool
) -> None:
    made, _removed = making.make(settings)
    aged = replace(made.manifest, made_at=clock.now() - timedelta(hours=hours))
    aged.write(made.folder)
    said = card(admin)
    assert words in said
    assert ("v-badge bad" in said) == late
    assert ("vela backup" in said) == late


def test_without_one_the_command_is_named(admin: FlaskClient) -> None:
    said = card(admin)
    assert "No verified backup" in said
    assert "v-badge bad" in said
    assert "<code>vela backup</code>" in said


def test_one_that_is_not_verified_does_not_count(admin: FlaskClient, settings: Settings) -> None:
    made, _removed = making.make(settings)
    replace(made.manifest, verified_at=None).write(made.folder)
    assert "No verified backup" in card(admin)
