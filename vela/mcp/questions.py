"""What an agent may ask about the past and the present: which sales, revisions, changes, months and expenses."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from vela.domain.audit.intake import AskedSubject, AskedUsername
from vela.domain.ledger.intake import OptionalMonth
from vela.intake import Flag, Identity, MonthOf, TargetMargin, Words, exact, refusal
from vela.language import gettext as _

MOST_LISTED = 100
MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class _Limit:
    """Marks how many things a list may hold: how it is read, and how its JSON schema says so."""

    most: int

    def read(self, value: object) -> int:
        number = exact(value) if not isinstance(value, str) else None
        if number is None or number != number.to_integral_value() or not 1 <= number <= self.most:
            raise refusal("limit", _("Enter a whole number from 1 to %(most)d.", most=self.most))
        return int(number)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.most}


Limit = Annotated[int, _Limit(MOST_LISTED)]


class Listing(Words):
    """A list that begins below an id or a number, and ends after so many."""

    limit: Limit = 50
    before: Identity | None = None


class WhichRevisions(Listing):
    service_id: Identity
    limit: Limit = 20


class TwoRevisions(Words):
    service_id: Identity
    from_revision: Identity
    to_revision: Identity | None = None


class WhichSales(Listing):
    month: OptionalMonth = None
    service_id: Identity | None = None
    include_voided: bool = False


class WhichChanges(Listing):
    subject: AskedSubject = ""
    username: AskedUsername = ""


class WhichMonths(Words):
    first: MonthOf
    last: MonthOf


class WhichExpenses(Words):
    month: OptionalMonth = None


class AimedMargin(Words):
    service_id: Identity
    margin_pct: TargetMargin


class WhichProposals(Listing):
    """Those that wait go on above an id, for they come oldest first; those that were decided about below one."""

    decided: Flag = False
    limit: Limit = 20
    after: Identity | None = None
