"""Lists as files over the API: CSV and XLSX as the pages give them, byte by byte, and a month's statement as PDF."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from flask import Response
from pydantic import BeforeValidator, Field, WithJsonSchema

from vela.blueprints.api.answers import kept_as_file
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database
from vela.blueprints.api.profit import MonthQuery
from vela.blueprints.api.reading import ParameterFlag, ServicePath, Unsaid
from vela.blueprints.api.routes import call
from vela.blueprints.api.statements import SpanQuery, StatementQuery, period_asked
from vela.domain.audit.intake import AskedSubject, AskedUsername
from vela.domain.insight.offer_list import COLUMNS, OffersWanted
from vela.domain.ledger.listing import ORDERS, Wanted
from vela.domain.people.access import Act, require_sight
from vela.domain.workspace.settings import current_month
from vela.errors import invalid
from vela.exports import offers, paper, profit, sales, trail
from vela.exports.making import made
from vela.intake import Identity, Line, MonthOf, Words, refusal
from vela.language import gettext as _
from vela.periods import Month
from vela.sheets.files import FORMATS

TAG = "Exports"


class Ending(StrEnum):
    """The kinds of files that a list comes as; JSON is what every other call answers."""

    CSV = "csv"
    XLSX = "xlsx"


TABLES = Answer(files=tuple(FORMATS[ending].media_type for ending in Ending), words="The file")
PAPER = Answer(files=(paper.MEDIA_TYPE,), words="The paper")


def _one_of(choices: Iterable[str]) -> tuple[BeforeValidator, WithJsonSchema]:
    """How a parameter with a few possible words is read, and how its schema says so."""
    known = tuple(choices)

    def read(value: object) -> object:
        if value not in known:
            raise refusal("choice", _("Choose one of these: %(choices)s.", choices=", ".join(known)))
        return value

    return BeforeValidator(read), WithJsonSchema({"type": "string", "enum": list(known)})


def _orders(columns: Iterable[str]) -> tuple[BeforeValidator, WithJsonSchema]:
    return _one_of(sign + column for column in columns for sign in ("", "-"))


class ExportQuery(Words):
    """As which kind of file."""

    format: Annotated[Ending, *_one_of(Ending)] = Ending.CSV


class OffersExportQuery(ExportQuery):
    """Which services, as the page narrows and orders them; -cost puts the dearest first."""

    q: Annotated[Line, Field(description="What stands in the name or the description.")] = ""
    archived: ParameterFlag = False
    sort: Annotated[str, *_orders(COLUMNS)] = "name"

    @property
    def wanted(self) -> OffersWanted:
        return OffersWanted(self.q, self.archived, self.sort.removeprefix("-"), self.sort.startswith("-"))


class SalesExportQuery(ExportQuery, SpanQuery):
    """Which transactions, as the page narrows and orders them: of a month, or of several; else of the current one."""

    month: Annotated[MonthOf | None, Unsaid()] = None
    service_id: Annotated[Identity | None, Unsaid()] = None
    revision: Annotated[Identity | None, Unsaid(), Field(description="Of `service_id`, by its number.")] = None
    component_id: Annotated[Identity | None, Unsaid()] = None
    component_version: Annotated[
        Identity | None, Unsaid(), Field(description="Of `component_id`, as it stood in the service that was sold.")
    ] = None
    q: Annotated[Line, Field(description="What stands in the note.")] = ""
    by: Annotated[Line, Field(description="The display name of who recorded it.")] = ""
    voided: Annotated[ParameterFlag, Field(description="The voided ones instead of those that count.")] = False
    sort: Annotated[str, *_orders(ORDERS)] = "-added"

    def wanted(self, month: Month) -> Wanted:
        """Which sales; `month` is the current one. Raises Invalid for what goes with something that was not said."""
        for said, needs in (("revision", "service_id"), ("component_id", "component_version"),
                            ("component_version", "component_id")):  # fmt: skip
            if getattr(self, said) is not None and getattr(self, needs) is None:
                raise invalid(needs, "required", _("This is needed. Fill it in."))
        if self.month and (self.first or self.last):
            raise invalid("month", "doubled", _("Say a month, or from which month to which, not both."))
        span = self.span_else(self.month or month)
        part = (self.component_id, self.component_version) if self.component_id and self.component_version else None
        return Wanted(
            span.first, until=span.last if span.count > 1 else None, service_id=self.service_id,
            revision=self.revision, part=part, notes=self.q, by=self.by, voided=self.voided,
        )  # fmt: skip


class TrailExportQuery(ExportQuery):
    """Which part of the trail; all of it when nothing is said."""

    subject: AskedSubject = ""
    username: AskedUsername = ""


class StatementExportQuery(ExportQuery, StatementQuery):
    """Months, quarters or years, and the last of them."""


class ExpensesExportQuery(ExportQuery, MonthQuery):
    """For which month to say what counts; the current one when it is left out."""


@call("GET /exports/transactions", TAG, TABLES, refuses=(409,))
def export_transactions(query: SalesExportQuery) -> Response:
    """The transactions of a month, or `from` one `to` another, as a file: all of them, in the form that imports read.

    They are those of the current month when no month is said, and the latest comes first.
    """
    with database().reading() as session:
        wanted = query.wanted(current_month(session))
        order, falling = query.sort.removeprefix("-"), query.sort.startswith("-")
        found = sales.sales(session, wanted, order=order, falling=falling)
        return kept_as_file(made(session, actor(), found, query.format))


@call("GET /exports/services", TAG, TABLES, refuses=(409,))
def export_services(query: OffersExportQuery) -> Response:
    """The services as a file, one to a row: what each costs, sells for and earns, and what was sold this month."""
    with database().reading() as session:
        return kept_as_file(made(session, actor(), offers.offers(session, query.wanted), query.format))


@call("GET /exports/services/components", TAG, TABLES, refuses=(409,))
def export_components_of_services(query: OffersExportQuery) -> Response:
    """The services with their components as a file, one component to a row, in the form that imports read."""
    with database().reading() as session:
        return kept_as_file(made(session, actor(), offers.components_of_offers(session, query.wanted), query.format))


@call("GET /exports/services/<service_id>/components", TAG, TABLES, refuses=(404, 409))
def export_components(path: ServicePath, query: ExportQuery) -> Response:
    """The components of one service as a file, in the form that imports read."""
    with database().reading() as session:
        return kept_as_file(made(session, actor(), offers.components(session, path.service_id), query.format))


@call("GET /exports/services/<service_id>/revisions", TAG, TABLES, refuses=(404, 409))
def export_revisions(path: ServicePath, query: ExportQuery) -> Response:
    """The history of a service as a file, newest first: who, when, what changed, and what it then cost and sold for."""
    with database().reading() as session:
        return kept_as_file(made(session, actor(), offers.history(session, path.service_id), query.format))


@call("GET /exports/pnl/statement", TAG, TABLES, refuses=(409,))
def export_statement(query: StatementExportQuery) -> Response:
    """Months, quarters or years side by side as a file, with the signs of the page: what takes away is negative."""
    with database().reading() as session:
        period = period_asked(query, current_month(session))
        return kept_as_file(made(session, actor(), profit.profit(session, period), query.format))


@call("GET /exports/expenses", TAG, TABLES, refuses=(409,))
def export_expenses(query: ExpensesExportQuery) -> Response:
    """The operating expenses as a file, with what each counts in the month."""
    with database().reading() as session:
        month = query.month or current_month(session)
        return kept_as_file(made(session, actor(), profit.expenses(session, month), query.format))


@call("GET /exports/audit", TAG, TABLES, refuses=(*NEEDS_RIGHTS, 409))
def export_changes(query: TrailExportQuery) -> Response:
    """The trail of changes as a file, newest first, all of it, with its hashes; for admins."""
    require_sight(actor(), Act.CHANGE_SETTINGS)
    with database().reading() as session:
        found = trail.trail(session, subject=query.subject, username=query.username)
        return kept_as_file(made(session, actor(), found, query.format))


@call("GET /exports/pnl", TAG, PAPER, refuses=(409,))
def export_paper(query: MonthQuery) -> Response:
    """The profit and loss of a month on paper, as PDF, with its transactions as an annex: for the accountant."""
    with database().reading() as session:
        return kept_as_file(paper.paper(session, actor(), query.month or current_month(session)))
