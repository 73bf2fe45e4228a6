"""What two linters that others wrote say of the OpenAPI document: nothing at all."""

import json
import os
import subprocess
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask_openapi.openapi import OpenAPI

from tests import services
from vela.blueprints.api import documenting

RULES = "extends: ['spectral:oas']\n"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.fixture
def document(unfurnished: Flask, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(documenting.document(cast("OpenAPI", unfurnished)), indent=1))
    return path


def ran(*words: str | Path, folder: Path) -> tuple[int, str]:
    ended = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=os.environ | QUIET,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_spectral_has_nothing_to_say(document: Path, tmp_path: Path) -> None:
    rules = tmp_path / ".spectral.yml"
    rules.write_text(RULES)
    linter = services.node_program("spectral")
    status, said = ran(*linter, "lint", document, "--ruleset", rules, "--fail-severity", "hint", folder=tmp_path)
    assert (status, "No results with a severity" in said) == (0, True), said


def test_redocly_has_nothing_to_say(document: Path, tmp_path: Path) -> None:
    linter = services.node_program("redocly")
    words = (*linter, "lint", document, "--extends", "recommended", "--format", "json")
    status, said = ran(*words, folder=tmp_path)
    assert status == 0, said
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert [f"{each['ruleId']}: {each['message']}" for each in found["problems"]] == []
