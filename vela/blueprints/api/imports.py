"""Bringing in sales and offers from files over JSON: first what would become of every row, then exactly that."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response, request
from pydantic import Field

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import BINARY, NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, permit
from vela.blueprints.api.previews import OffersPreviewShape, SalesPreviewShape
from vela.blueprints.api.problems import Unreadable
from vela.blueprints.api.reading import FilePath, body
from vela.blueprints.api.retries import REPLAYED, creating, replayed
from vela.blueprints.api.routes import call
from vela.domain.idempotency.keys import Replayed
from vela.domain.importing import files, offers, sales
from vela.domain.importing.fates import Fate
from vela.domain.people.access import Act
from vela.errors import invalid
from vela.intake import Flag, Line, Words
from vela.language import current_language
from vela.language import gettext as _
from vela.shapes.base import Shape
from vela.sheets.files import FORMATS
from vela.sheets.headings import OFFERS, SALES, Sheet
from vela.sheets.reading import Table, read_sheet
from vela.sheets.unpacking import FIELD, MOST_BYTES, MOST_ROWS, too_many_rows
from vela.sheets.writing import DIALECTS

TAG = "Imports"
REST_OF_FORM = 64 * 1024
FORM = "multipart/form-data"
RAW = ("text/csv", FORMATS["xlsx"].media_type, "application/octet-stream")
TAKES: dict[str, Any] = {
    **{kind: {"schema": BINARY} for kind in RAW},
    FORM: {"schema": {"type": "object", "required": [FIELD], "properties": {FIELD: BINARY}}},
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its sheet, the columns it cannot do without, how many rows it may have, and what it needs."""

    name: str
    sheet: Sheet
    needed: Sequence[str]
    most_rows: int
    act: Act


SALES_FILE = Kind(sales.KIND, SALES, sales.NEEDED, MOST_ROWS, Act.RECORD_SALES)
OFFERS_FILE = Kind(offers.KIND, OFFERS, offers.NEEDED, offers.MOST_ROWS, Act.CHANGE_OFFERS)


class KeptShape(Shape):
    """A file that was kept, as its Idempotency-Key remembers it."""

    id: int


class SalesStoredShape(Shape):
    """The sales that were recorded, by their ids."""

    recorded: int
    transactions: list[int]


class OffersStoredShape(Shape):
    """How many offers were made and changed, and their ids."""

    added: int
    changed: int
    services: list[int]


class Confirmation(Words):
    """What was looked at, and whether rows that cannot be used are left out of it."""

    seen: Annotated[Line, Field(description="As it stands in the preview.")]
    leave_out: Flag = False


EXAMPLE = {"seen": "0f5b1c1e4f4e4b439d309f3b0c6e6f00", "leave_out": False}
MADE = (HTTPStatus.CREATED, ("Location",))


def _sent(kind: Kind) -> tuple[str, bytes]:
    """The name and the bytes of the file that was sent, in a form or as the body. Raises Unreadable, Invalid."""
    request.max_content_length = MOST_BYTES + REST_OF_FORM
    if request.mimetype == FORM:
        file = request.files.get(FIELD)
        if file is None or not file.filename:
            raise invalid(FIELD, "required", _("Choose a file."))
        return file.filename, file.stream.read(MOST_BYTES + 1)
    if request.mimetype not in RAW:
        words = _("Send a CSV or XLSX file, as the body or as the field %(name)s of a form.", name=FIELD)
        raise Unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", words)
    ending = "csv" if request.mimetype == "text/csv" else "xlsx" if request.mimetype == RAW[1] else "file"
    return f"{kind.name}.{ending}", request.get_data()


def _read(kind: Kind, data: bytes) -> Table:
    """Raises Invalid for what is no such file."""
    table = read_sheet(data, kind.sheet, needed=kind.needed, mark=DIALECTS[current_language()].mark)
    if len(table.lines) > kind.most_rows:
        raise too_many_rows(kind.most_rows)
    return table


def _bring(kind: Kind, preview: Callable[[int], Shape]) -> Response:
    """Keep a file that was sent, and say what would become of it.

    Under its Idempotency-Key stands where the file is, not what would become of its thousands of rows: whoever sends it
    again is told that of the same file. The rows are looked at once nobody waits for this writer any more.
    """
    permit(kind.act)
    name, data = _sent(kind)
    table = _read(kind, data)
    try:
        with creating(sent=hashlib.sha256(data).hexdigest()) as (session, keep):
            kept = files.keep(session, actor(), kind.name, name, table)
            place = f"/api/imports/{kind.name}/{kept.id}"
            made = keep(answer(KeptShape(id=kept.id), HTTPStatus.CREATED, place=place))
    except Replayed as error:
        made = replayed(error)
    place = made.headers["Location"]
    response = answer(preview(int(place.rpartition("/")[2])), HTTPStatus.CREATED, place=place)
    if REPLAYED in made.headers:
        response.headers[REPLAYED] = made.headers[REPLAYED]
    return response


def _previewed_sales(file_id: int) -> SalesPreviewShape:
    with database().reading() as session:
        brought = files.brought(session, actor(), sales.KIND, file_id)
        return SalesPreviewShape.of(brought, sales.check_sales(session, actor(), brought.table))


def _previewed_offers(file_id: int) -> OffersPreviewShape:
    with database().transaction() as session:
        brought = files.brought(session, actor(), offers.KIND, file_id)
        return OffersPreviewShape.of(brought, offers.check_offers(session, actor(), brought.table))


@call(
    "POST /imports/sales",
    TAG,
    Answer(HTTPStatus.CREATED, SalesPreviewShape, headers=("Location",)),
    takes=TAKES,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def bring_sales() -> Response:
    """Send a CSV or XLSX file of sales: what would become of every row. Nothing is recorded before it is confirmed.

    Columns are found by their headings, in any order and language; `month`, `offer` and `quantity` are needed. The
    file waits for a day; of one user three do. Sent again under its Idempotency-Key it is kept once, and the answer
    says what would become of it by then.
    """
    return _bring(SALES_FILE, _previewed_sales)


@call("GET /imports/sales/<file_id>", TAG, Answer(model=SalesPreviewShape), refuses=(*NEEDS_RIGHTS, 404, 409))
def preview_sales(path: FilePath) -> Response:
    """What would become of every row of a file of sales as things stand now; 409 BROUGHT_IN once it is stored."""
    permit(Act.RECORD_SALES)
    return answer(_previewed_sales(path.file_id))


@call(
    "POST /imports/sales/<file_id>/confirm",
    TAG,
    Answer(model=SalesStoredShape),
    said=Confirmation,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def confirm_sales(path: FilePath) -> Response:
    """Record the sales of a file exactly as `seen`, all of them or none.

    409 STALE when something else would become of it by now, BAD_ROWS when some rows cannot be used and are not to be
    left out, NOTHING_NEW when all is there already, BROUGHT_IN when this very file was stored. What was recorded once
    is not recorded again by the same rows.
    """
    permit(Act.RECORD_SALES)
    words = body(Confirmation)
    with creating(words) as (session, keep):
        table = files.brought(session, actor(), sales.KIND, path.file_id).table
        made = sales.record_sales(session, actor(), table, seen=words.seen, leave_out=words.leave_out)
        files.forget(session, path.file_id)
        return keep(answer(SalesStoredShape(recorded=len(made), transactions=[sale.id for sale in made])))


@call(
    "POST /imports/offers",
    TAG,
    Answer(HTTPStatus.CREATED, OffersPreviewShape, headers=("Location",)),
    takes=TAKES,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def bring_offers() -> Response:
    """Send a CSV or XLSX file of offers with their components: what would become of each. Nothing is stored yet.

    Columns are found by their headings, in any order and language; `offer` is needed. The file waits for a day; of one
    user three do. Sent again under its Idempotency-Key it is kept once, as with sales.
    """
    return _bring(OFFERS_FILE, _previewed_offers)


@call("GET /imports/offers/<file_id>", TAG, Answer(model=OffersPreviewShape), refuses=(*NEEDS_RIGHTS, 404, 409))
def preview_offers(path: FilePath) -> Response:
    """What would become of every row of a file of offers as things stand now: it is tried, and taken back."""
    permit(Act.CHANGE_OFFERS)
    return answer(_previewed_offers(path.file_id))


@call(
    "POST /imports/offers/<file_id>/confirm",
    TAG,
    Answer(model=OffersStoredShape),
    said=Confirmation,
    example=EXAMPLE,
    refuses=(*NEEDS_RIGHTS, 404, 409),
    takes_key=True,
)
def confirm_offers(path: FilePath) -> Response:
    """Store the offers of a file exactly as `seen`, all of them or none; each changed offer is one revision.

    409 STALE, BAD_ROWS, NOTHING_NEW and BROUGHT_IN as for sales.
    """
    permit(Act.CHANGE_OFFERS)
    words = body(Confirmation)
    with creating(words) as (session, keep):
        table = files.brought(session, actor(), offers.KIND, path.file_id).table
        stored = offers.store_offers(session, actor(), table, seen=words.seen, leave_out=words.leave_out)
        files.forget(session, path.file_id)
        done = [each for each in stored.offers if each.fate in (Fate.ADD, Fate.CHANGE)]
        return keep(
            answer(
                OffersStoredShape(
                    added=stored.count(Fate.ADD),
                    changed=stored.count(Fate.CHANGE),
                    services=[each.service_id for each in done if each.service_id],
                )
            )
        )
