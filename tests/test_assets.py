"""What the browser is served: vendored files as they were fetched, nothing from outside, no icon missing."""

import hashlib
import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "vela" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = ROOT / "vela" / "templates"

MANIFEST: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
HASHES: dict[str, str] = {name: digest for entry in MANIFEST for name, digest in entry["files"].items()}
PINNED: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "vendor_assets.py"))

OUTSIDE = re.compile(r"""(?:https?:|(?<=["'(=]))//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+""", re.IGNORECASE)
STYLE_ADDRESS = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s]+)""")
ICON = re.compile(r"""#i-([a-z0-9-]+)|\bicon\(\s*["']([a-z0-9-]+)["']""")


def own_files() -> list[Path]:
    """Our own scripts, styles, drawings and templates."""
    served = [
        path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"} and VENDOR not in path.parents
    ]
    return sorted(served + list(TEMPLATES.rglob("*.html")))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", sorted(HASHES))
def test_a_vendored_file_is_the_one_that_was_fetched(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == HASHES[name], "run `make vendor`"


def test_every_vendored_file_is_in_the_manifest() -> None:
    present = {path.relative_to(STATIC).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present - {"vendor/manifest.json"} == HASHES.keys() - {"icons.svg"}


def test_the_manifest_says_what_the_script_pins() -> None:
    pinned = [(package.name, package.version, package.licence) for package in PINNED["PACKAGES"]]
    assert [(entry["package"], entry["version"], entry["licence"]) for entry in MANIFEST] == pinned


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["package"])
def test_a_vendored_package_has_its_licence_beside_it(entry: dict[str, Any]) -> None:
    licences = [name for name in entry["files"] if Path(name).name.startswith("LICENSE")]
    assert licences
    assert all((STATIC / name).read_text(encoding="utf-8").strip() for name in licences)


def test_nothing_of_ours_refers_to_another_host() -> None:
    found = {relative(path): OUTSIDE.findall(path.read_text(encoding="utf-8")) for path in own_files()}
    assert {name: hosts for name, hosts in found.items() if hosts} == {}


def test_what_a_style_sheet_loads_stands_beside_it() -> None:
    loads = [(path, address) for path in STATIC.rglob("*.css") for address in loaded_by(path)]
    assert [(relative(path), address) for path, address in loads if not (path.parent / address).is_file()] == []


def loaded_by(sheet: Path) -> list[str]:
    """The files that a style sheet asks for; drawings written into the sheet itself are none."""
    addresses = STYLE_ADDRESS.findall(sheet.read_text(encoding="utf-8"))
    return [address.partition("?")[0] for address in addresses if not address.startswith(("data:", "#"))]


@pytest.mark.parametrize("name", sorted(name for name in HASHES if name.endswith((".css", ".js"))))
def test_no_source_map_is_asked_for_that_is_not_served(name: str) -> None:
    assert b"sourceMappingURL=" not in (STATIC / name).read_bytes()


def test_the_sprite_holds_the_listed_icons() -> None:
    symbols = re.findall(r'<symbol id="i-([a-z0-9-]+)" viewBox="0 0 16 16">', (STATIC / "icons.svg").read_text("utf-8"))
    assert symbols == sorted(PINNED["ICON_NAMES"])


def test_every_icon_that_is_shown_is_in_the_sprite() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *(STATIC / "js").rglob("*.js"), *(ROOT / "vela").rglob("*.py")]
    used = {
        (name or alias, relative(path))
        for path in sources
        for name, alias in ICON.findall(path.read_text(encoding="utf-8"))
    }
    assert sorted((icon, where) for icon, where in used if icon not in PINNED["ICON_NAMES"]) == []
