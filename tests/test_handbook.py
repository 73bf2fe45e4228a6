"""What operators are told, against what is there: the settings, the commands, and the service's unit."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vela.cli import main
from vela.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
UNIT = ROOT / "deploy" / "vela.service"
MOST_EXPOSED = 15  # tenths


def settings_there_are() -> set[str]:
    return set(re.findall(r"VELA_[A-Z_]+", Settings.__doc__ or ""))


def commands(group: click.Group, said: str = "vela") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{said} {name}")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{said} {name}"


def test_the_readme_lists_every_setting() -> None:
    listed = set(re.findall(r"^\| `(VELA_[A-Z_]+)` \|", README, re.MULTILINE))
    assert {name for name in listed if not name.startswith("VELA_TEST_")} == settings_there_are()


def test_the_readme_lists_every_command() -> None:
    rows = " ".join(line for line in README.splitlines() if line.startswith("| `vela "))
    missing = [said for said in commands(main) if said not in rows and f"`{said.split()[-1]} NAME`" not in rows]
    assert missing == []


def test_the_service_sets_what_there_is_to_set() -> None:
    said = (ROOT / "deploy" / "vela.env").read_text() + UNIT.read_text()
    assert set(re.findall(r"^#?(?:Environment=)?(VELA_[A-Z_]+)=", said, re.MULTILINE)) <= settings_there_are()


def test_the_unit_starts_what_there_is_to_start() -> None:
    started = re.findall(r"^Exec\w+=/opt/vela/\.venv/bin/(vela \w+)$", UNIT.read_text(), re.MULTILINE)
    assert started == ["vela migrate", "vela serve"]
    assert set(started) <= set(commands(main))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (apt install systemd)")
def test_the_service_is_contained() -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(UNIT)]
    found = subprocess.run(words, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-200:] + found.stderr
