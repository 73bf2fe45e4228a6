"""Fetches the pinned front-end packages into vela/static and writes down what came from where.

Run it with `make vendor` after changing a version or the list of icons, then commit what it wrote. It needs npm;
setting Vela up and running it do not, because the copied files are part of the repository.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "vela" / "static"
VENDOR = STATIC / "vendor"
SPRITE = STATIC / "icons.svg"
MANIFEST = VENDOR / "manifest.json"


@dataclass(frozen=True)
class Package:
    """One pinned package: its licence as an SPDX name, its licence files, and the files of it that Vela serves."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...] = ()
    licence_files: tuple[str, ...] = ("LICENSE",)
    into: str = ""

    @property
    def folder(self) -> Path:
        """Where its files stand; a scope such as `@fontsource-variable/` is left out of the address."""
        return VENDOR / (self.into or self.name.rpartition("/")[2])


ICONS = Package("bootstrap-icons", "1.13.2", "MIT")
PACKAGES = (
    Package("htmx.org", "4.0.1", "0BSD", ("dist/htmx.min.js",)),
    Package("bootstrap", "5.3.8", "MIT", ("dist/css/bootstrap.min.css",)),
    Package("chart.js", "4.6.1", "MIT", ("dist/chart.umd.min.js",), ("LICENSE.md",)),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        (
            "files/inter-latin-wght-normal.woff2",
            "files/inter-latin-ext-wght-normal.woff2",
            "files/inter-cyrillic-wght-normal.woff2",
        ),
    ),
    Package(
        "@fontsource-variable/jetbrains-mono", "5.3.0", "OFL-1.1", ("files/jetbrains-mono-latin-wght-normal.woff2",)
    ),
    # The same typeface as whole, unvarying files, which the printed statement is set in.
    Package(
        "@expo-google-fonts/inter",
        "0.4.2",
        "MIT AND OFL-1.1",
        ("400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"),
        ("LICENSE", "LICENSE_FONT"),
        "inter-print",
    ),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        "Apache-2.0",
        ("swagger-ui.css", "swagger-ui-bundle.js"),
        ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"),
    ),
    ICONS,
)

ICON_NAMES = (
    "archive",
    "arrow-counterclockwise",
    "arrow-down",
    "arrow-left-right",
    "arrow-repeat",
    "arrow-up",
    "bar-chart-line",
    "box-arrow-right",
    "boxes",
    "calendar3",
    "cash-stack",
    "check-circle",
    "check-lg",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "clipboard",
    "clock-history",
    "cloud-download",
    "download",
    "exclamation-circle",
    "exclamation-triangle",
    "eye",
    "eye-slash",
    "file-earmark-text",
    "gear",
    "grid-1x2",
    "grip-vertical",
    "hdd-stack",
    "info-circle",
    "key",
    "keyboard",
    "list",
    "list-ul",
    "lock",
    "moon-stars",
    "pencil",
    "people",
    "person-gear",
    "plus-lg",
    "question-circle",
    "search",
    "sliders",
    "sun",
    "table",
    "tag",
    "three-dots",
    "trash",
    "trash3",
    "wifi-off",
    "x-lg",
)


def main() -> None:
    """Replace everything vendored by a fresh copy of the pinned packages."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    entries = [vendor(package) for package in PACKAGES]
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    print(f"{len(entries)} packages and {len(ICON_NAMES)} icons vendored")


def vendor(package: Package) -> dict[str, object]:
    """Write one package's files and licences into its folder and return its entry for the manifest."""
    contents = fetch(package)
    package.folder.mkdir(parents=True)
    written = [
        write(package.folder / Path(name).name, contents[name]) for name in package.files + package.licence_files
    ]
    if package is ICONS:
        written.append(write(SPRITE, sprite(contents)))
    return {
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "files": {path.relative_to(STATIC).as_posix(): sha256(path) for path in written},
    }


def fetch(package: Package) -> dict[str, bytes]:
    """Let npm fetch one exact version and return its files by their path inside the package."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, f"{package.name}@{package.version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(scratch).glob("*.tgz")
        with tarfile.open(archive) as opened:
            members = ((member.name, opened.extractfile(member)) for member in opened)
            return {name.removeprefix("package/"): file.read() for name, file in members if file is not None}


def write(target: Path, content: bytes) -> Path:
    """Write one file; scripts and styles lose their pointer to a source map, which browsers would miss."""
    target.write_bytes(without_source_map(content) if target.suffix in {".js", ".css"} else content)
    return target


def without_source_map(content: bytes) -> bytes:
    """Drop the `sourceMappingURL` comments of a script or style sheet and end it with one newline."""
    stripped = re.sub(rb"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*", b"", content)
    return stripped.rstrip() + b"\n"


def sprite(contents: dict[str, bytes]) -> bytes:
    """Return one SVG in which every listed icon is a symbol, to be shown with `<use href="...icons.svg#i-NAME">`."""
    notice = f"<!-- {ICONS.name} {ICONS.version}, {ICONS.licence}; see vendor/{ICONS.name}/LICENSE -->"
    symbols = "\n".join(symbol(name, contents[f"icons/{name}.svg"].decode()) for name in ICON_NAMES)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{notice}\n{symbols}\n</svg>\n'.encode()


def symbol(name: str, drawing: str) -> str:
    """Return one icon as a symbol, which takes its colour and size from the place that shows it."""
    found = re.fullmatch(r'<svg [^>]*viewBox="0 0 16 16"[^>]*>(.*)</svg>\s*', drawing, re.DOTALL)
    if found is None:
        raise SystemExit(f"{name} is not a 16 x 16 icon")
    one_line = re.sub(r"\s*\n\s*", "", found[1])
    return f'<symbol id="i-{name}" viewBox="0 0 16 16">{one_line}</symbol>'


def sha256(path: Path) -> str:
    """Return the hex digest by which a later change of a vendored file is noticed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
