"""All templates at once: what the policy forbids, and that every answer changes something that exists on a page."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "vela" / "templates"
FILES = {path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}

FORBIDDEN = re.compile(r"""\sstyle=|\son[a-z]+=|hx-on|=["']js:|<script(?![^>]*(?:src=|application/json))|\|\s*safe\b""")
TARGET = re.compile(r'hx-target="(?:closest |find )?#([^"]+)"')
IDENTITY = re.compile(r'\bid="([^"]+)"')


def pattern(identity: str) -> str:
    """An id with each computed stretch as one sign, so that `{{ dom_id(user, 'role') }}-error` is `*-error`."""
    return re.sub(r"\*(-\*)+", "*", re.sub(r"\{\{.*?\}\}|%d", "*", identity))


IDENTITIES = {pattern(found) for text in FILES.values() for found in IDENTITY.findall(text)}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_template_holds_nothing_that_the_policy_forbids(name: str) -> None:
    assert FORBIDDEN.findall(FILES[name]) == []


@pytest.mark.parametrize("name", sorted(name for name, text in FILES.items() if "hx-target" in text))
def test_what_an_answer_changes_exists_on_some_page(name: str) -> None:
    targets = {pattern(found) for found in TARGET.findall(FILES[name])}
    assert targets - IDENTITIES == set()
