"""Our own scripts put together: those that a page needs, in their order, as one file."""

from functools import lru_cache
from pathlib import Path

from flask import current_app

from vela.blueprints.web.answers import fingerprint_of

MOST_KEPT = 64  # bundles in memory: anybody may ask for ours in any order, and there are millions of those


def bundle(names: str) -> str:
    """The address of some of our scripts together, by their names between spaces; it changes when one of them does."""
    wanted = tuple(dict.fromkeys(names.split()))
    return f"/scripts/{','.join(wanted)}.js?v={fingerprint_of(contents(wanted))}"


def known() -> set[str]:
    """The names of our scripts."""
    return {path.stem for path in _folder().glob("*.js")}


def contents(names: tuple[str, ...]) -> bytes:
    """The scripts of these names, one after the other."""
    return _read(names, _folder())


def _folder() -> Path:
    return Path(current_app.static_folder or "", "js")


@lru_cache(MOST_KEPT)
def _read(names: tuple[str, ...], folder: Path) -> bytes:
    return b"\n".join((folder / f"{name}.js").read_bytes() for name in names)
