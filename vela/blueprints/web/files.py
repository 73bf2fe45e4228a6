"""Lists as files on pages: which addresses they have, and how they are sent."""

from collections.abc import Callable

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.guards import actor
from vela.blueprints.web.routes import pages
from vela.exports.making import Export, Made, made
from vela.sheets.files import FORMATS

View = Callable[..., Response]


def files(path: str) -> Callable[[View], View]:
    """Give a view the addresses `path`.csv, .xlsx and .json; it is told the ending, besides what stands in the path."""

    def register(view: View) -> View:
        for ending in FORMATS:
            pages.add_url_rule(f"{path}.{ending}", view.__name__, view, defaults={"ending": ending})
        return view

    return register


def sent(session: Session, ending: str, export: Export) -> Response:
    """A list as a file for download. Raises Conflict while another file is being made for the same user."""
    return attachment(made(session, actor(), export, ending))


def attachment(file: Made) -> Response:
    """An answer that browsers keep as a file, which is closed when it has been sent."""
    response = Response(file.content(), content_type=file.media_type)
    response.call_on_close(file.file.close)
    response.content_length = file.size
    response.headers["Content-Disposition"] = file.disposition
    return response
