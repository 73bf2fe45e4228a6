"""What bringing in sales and bringing in offers share: the file that is sent, and the list of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from vela.blueprints.web import figures
from vela.blueprints.web.answers import away, page
from vela.blueprints.web.guards import actor, database
from vela.domain.importing import files
from vela.domain.importing.fates import Complaint, Fate
from vela.domain.importing.files import Brought
from vela.errors import Invalid, Refusal, invalid
from vela.language import gettext as _
from vela.sheets.headings import Column, Sheet
from vela.sheets.reading import Line, Table, read_sheet
from vela.sheets.unpacking import FIELD, MOST_BYTES, MOST_ROWS, too_large, too_many_rows

A_PAGE = 200
MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Area:
    """Where a kind of file is brought in: its page, the page it leads back to, its sheet, what that needs and holds."""

    kind: str
    path: str
    home: str
    sheet: Sheet
    needed: Sequence[str]
    most_rows: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the preview shows it: the fate, the file's own words, and what is to be said of it."""

    line: Line
    fate: Fate
    said: Sequence[str]
    complaints: Sequence[str]
    note: str = ""


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """The rows of one page of the preview, out of all with the fate that was asked for."""

    rows: Sequence[Row]
    only: str
    number: int
    pages: int
    path: str

    def address(self, number: int, only: str | None = None) -> str:
        """The address of another page, or of the rows with another fate."""
        said = {"only": self.only if only is None else only, "page": str(number) if number > 1 else ""}
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{self.path}?{query}" if query else self.path


def part_of(rows: Sequence[Row], fates: Sequence[Fate], path: str) -> Part[Row]:
    """The rows that the address asks for: `only` names a fate, `page` counts from 1."""
    only = request.args.get("only", "")
    known = only if only in set(Fate) else ""
    wanted = [row for row, fate in zip(rows, fates, strict=True) if fate == known or not known]
    pages = max(1, -(-len(wanted) // A_PAGE))
    said = request.args.get("page", "")
    asked = int(said) if said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS else 1
    number = min(max(asked, 1), pages)
    return Part(wanted[(number - 1) * A_PAGE : number * A_PAGE], known, number, pages, path)


def form(area: Area, complaint: str = "") -> Response:
    """The page on which a file is chosen."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if complaint else HTTPStatus.OK
    columns = [column for column in area.sheet.columns if not column.is_read_only]
    with database().reading() as session:
        return page(
            session,
            "imports/choose.html",
            status,
            here=area.home.strip("/"),
            area=area,
            columns=columns,
            complaint=complaint,
            again="again" in request.args,
            most_bytes=MOST_BYTES,
            too_large=too_large().message,
            most_megabytes=MOST_BYTES >> 20,
            most_rows=figures.number(area.most_rows),
        )


def bring(area: Area) -> Response:
    """Read the file that was sent and keep it, then go to its preview; a refusal shows the form again."""
    try:
        sent = request.files.get(FIELD)
        if sent is None or not sent.filename:
            raise invalid(FIELD, "required", _("Choose a file."))
        data = sent.stream.read(MOST_BYTES + 1)
        table = read_sheet(data, area.sheet, needed=area.needed, mark=figures.style().mark)
        if len(table.lines) > area.most_rows:
            raise too_many_rows(area.most_rows)
        with database().transaction() as session:
            kept = files.keep(session, actor(), area.kind, sent.filename, table)
    except Invalid as refusal:
        return form(area, refusal.message)
    return away(f"{area.path}/{kept.id}")


def preview(
    session: Session, area: Area, brought: Brought, part: Part[Any], refusal: Refusal | None, **more: Any
) -> Response:
    """The page that says what would become of each row; with `refusal`, why nothing was stored."""
    status = HTTPStatus.OK if refusal is None else HTTPStatus.CONFLICT
    return page(
        session, f"imports/{area.kind}.html", status, here=area.home.strip("/"), area=area, brought=brought, part=part,
        refusal=refusal, missing=missing(area, brought.table), Fate=Fate, **more,
    )  # fmt: skip


def brought_in(area: Area, refusal: Refusal) -> Response:
    """The page that says that the rows of a file are in the books already, and where."""
    with database().reading() as session:
        return page(
            session,
            "imports/brought_in.html",
            HTTPStatus.CONFLICT,
            here=area.home.strip("/"),
            area=area,
            refusal=refusal,
        )


def missing(area: Area, table: Table) -> list[str]:
    """The columns that the file could have and has not."""
    return [each.heading() for each in area.sheet.columns if not each.is_read_only and each.key not in table.columns]


def told(area: Area, complaints: Sequence[Complaint]) -> list[str]:
    """Complaints about a row, each naming its column."""
    columns: Mapping[str, Column] = {column.key: column for column in area.sheet.columns}
    return [
        _("%(column)s: %(complaint)s", column=columns[each.column].heading(), complaint=each.words)
        if each.column in columns
        else each.words
        for each in complaints
    ]


def leaves_out() -> bool:
    """Whether the form says to leave out the rows that cannot be used."""
    return request.form.get("leave_out") == "1"


def seen() -> str:
    """The mark of the preview that the form stood on."""
    return request.form.get("seen", "")
