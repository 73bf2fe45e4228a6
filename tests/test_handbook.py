"""What operators are told, against what is there: the settings, the commands, and the service's unit."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vela.cli import main
from vela.cli.serving import GRACEFUL_SECONDS
from vela.mcp import limits, listening, subscriptions
from vela.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "vela.service"
AGENTS = DEPLOY / "vela-mcp.service"
SERVICES = sorted(DEPLOY.glob("*.service"))
JOBS = {"vela-check": "vela check", "vela-backup": "vela backup"}
WALLS = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes",
    "IPAddressDeny": "any", "UMask": "0077", "LockPersonality": "yes", "ProtectKernelModules": "yes",
}  # fmt: skip
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


def test_no_example_sets_a_variable_in_front_of_the_alias() -> None:
    """The alias starts a service of its own, with its own settings: such a variable would be lost."""
    handbook = (ROOT / "docs" / "operations.md").read_text()
    assert "--setenv=VELA_DATA_DIR=" in handbook
    assert re.findall(r"\b[A-Z_]+=\S*[^\S\n]+vela(?:-command)?\b.*", handbook) == []


def directives(unit: Path) -> dict[str, list[str]]:
    """What a unit says, each name with all its values; a line that is no directive fails."""
    said: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, equals, value = line.partition("=")
            assert equals, f"{unit.name}: {line}"
            said.setdefault(name, []).append(value)
    return said


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_every_service_has_its_walls(unit: Path) -> None:
    said = directives(unit)
    assert {name: value for name, value in WALLS.items() if said.get(name) != [value]} == {}
    assert said.get("User") == ["vela"] or said.get("DynamicUser") == ["yes"]
    assert said["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]


def test_the_service_dies_as_a_whole_and_finishes_what_it_does() -> None:
    said = directives(UNIT)
    assert (said["Type"], said["KillMode"], said["Restart"]) == (["notify"], ["mixed"], ["on-failure"])
    assert (said["StartLimitIntervalSec"], said["StartLimitBurst"]) == (["10min"], ["5"])
    assert int(said["TimeoutStopSec"][0]) > GRACEFUL_SECONDS
    assert said["Requires"] == ["vela.socket"]


def test_the_socket_is_where_the_settings_say() -> None:
    env = re.search(r"^VELA_BIND=(.+)$", (DEPLOY / "vela.env").read_text(), re.MULTILINE)
    assert env is not None
    assert directives(DEPLOY / "vela.socket")["ListenStream"] == [env[1]]
    assert f"server {env[1]};" in (DEPLOY / "nginx.conf").read_text()
    assert f"reverse_proxy {env[1]} " in (DEPLOY / "Caddyfile").read_text()


def test_agents_are_served_beside_and_stop_with_the_rest() -> None:
    said = directives(AGENTS)
    assert said["ExecStart"] == ["/opt/vela/.venv/bin/vela mcp"]
    assert (said["PartOf"], said["After"]) == (["vela.service"], ["vela.service"])
    assert int(said["TimeoutStopSec"][0]) > listening.GRACEFUL_SECONDS
    env = re.search(r"^#VELA_MCP_BIND=(.+)$", (DEPLOY / "vela.env").read_text(), re.MULTILINE)
    assert env is not None
    assert env[1] == Settings.from_environment({}).mcp_bind
    assert f"server {env[1]};" in (DEPLOY / "nginx.conf").read_text()
    assert f"reverse_proxy @agents {env[1]} " in (DEPLOY / "Caddyfile").read_text()


def test_agents_are_told_how_much_they_may_hold() -> None:
    told = (DEPLOY.parent / "docs" / "mcp.md").read_text()
    for words in (
        f"{limits.STREAMS_EACH} streams open",
        f"{limits.REQUESTS_EACH} requests under way",
        f"{limits.SESSIONS_EACH} sessions of the older protocol",
        f"after {limits.IDLE_SECONDS // 60} minutes without a request",
        f"{limits.REQUESTS_OF_ALL} requests under way",
        f"{limits.SESSIONS_OF_ALL} sessions open",
        f"at most {subscriptions.MOST} addresses",
        f"more than {listening.MOST_CONNECTIONS} connections",
    ):
        assert words in told, words
    assert limits.REQUESTS_OF_ALL < listening.MOST_CONNECTIONS
    port = re.search(r"https://vela\.example\.com:(\d+)/mcp", (DEPLOY / "vela.env").read_text())
    assert port is not None
    assert f"servers :{port[1]} {{" in (DEPLOY / "Caddyfile").read_text()
    assert f"vela.example.com:{port[1]} {{" in (DEPLOY / "Caddyfile").read_text()


@pytest.mark.parametrize(("name", "command"), JOBS.items())
def test_every_night_has_its_work(name: str, command: str) -> None:
    job, timer = directives(DEPLOY / f"{name}.service"), directives(DEPLOY / f"{name}.timer")
    assert job["ExecStart"] == [f"/opt/vela/.venv/bin/{command}"]
    assert (job["Type"], job["OnFailure"], job["Nice"]) == (["oneshot"], ["vela-failed@%n.service"], ["10"])
    assert (timer["Persistent"], timer["RandomizedDelaySec"]) == (["true"], ["20min"])
    assert timer["OnCalendar"][0].startswith("*-*-* 0")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (apt install systemd)")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_every_service_is_contained(unit: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(unit)]
    found = subprocess.run(words, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-200:] + found.stderr
