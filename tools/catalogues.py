"""Brings the catalogues of words up to date with what the code says: new sentences come in empty, gone ones go."""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "vela"
CATALOGUES = WORDS / "translations"
TRANSLATED = {
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
}
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}
# What only an operator at the command line or an agent reads is English everywhere, like the commands and the tools
# themselves.
ENGLISH_ONLY = (
    "cli/", "mcp/", "backup/", "doctor/", "settings.py", "schema.py", "checkpoints.py", "rotating.py", "standing.py",
    "translations/", "static/",
)  # fmt: skip


def sentences() -> Catalog:
    """Everything that pages and programs may be told, as the code says it now."""
    found = Catalog(project="Vela", charset="utf-8", fuzzy=False)
    for name, _line, message, comments, context in extract_from_dir(WORDS, METHODS, OPTIONS, comment_tags=("words:",)):
        if not name.startswith(ENGLISH_ONLY):
            found.add(message, None, [(f"vela/{name}", 1)], auto_comments=comments, context=context)
    return found


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def catalogue(language: str) -> Catalog:
    """What translators have written for `language`; empty when they have not begun."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Vela", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue of `language` with the sentences of now; a sentence that changed is translated anew."""
    words = catalogue(language)
    words.update(sentences(), no_fuzzy_matching=True)
    words.obsolete.clear()
    return words


def write(language: str, words: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    words.header_comment = (
        "# Vela in another language. `make messages` brings new sentences in, empty, and takes gone ones out."
    )
    words.creation_date = words.revision_date = datetime(2026, 11, 21, tzinfo=UTC)  # no change that says nothing
    words.version, words.msgid_bugs_address, words.last_translator = "1", "", ""
    words.language_team, words.fuzzy = "", False
    with path.open("wb") as file:
        write_po(file, words, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)


def main() -> None:
    for language in TRANSLATED:
        write(language, updated(language))


if __name__ == "__main__":
    main()
