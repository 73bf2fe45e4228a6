"""The first steps in new books: an offer, its prices, a sale; what of them is done is read from the trail."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from vela.domain.audit import reading, trail
from vela.domain.catalog import queries
from vela.domain.catalog.commands import create_service
from vela.domain.catalog.intake import NewService
from vela.domain.catalog.models import Service
from vela.domain.catalog.preset import preset_offers
from vela.domain.people.access import Act, Actor, require
from vela.errors import NotFound
from vela.intake import read

CONFIRM, END = "confirm prices", "end first steps"


@dataclass(frozen=True, slots=True)
class Beginning:
    """How far new books have come: whether they were given a name and a currency, an offer, prices looked at."""

    settled: bool
    offer: Service | None
    checked: bool


def beginning(session: Session) -> Beginning | None:
    """What is done of the first steps; None for good once something was ever sold or an admin ended them."""
    if reading.ever(session, "transaction") or reading.ever(session, "books", END):
        return None
    offers = queries.services(session)
    priced = next((offer for offer in offers if offer.components), None)
    return Beginning(
        settled=reading.ever(session, "workspace"),
        offer=priced or next(iter(offers), None),
        checked=priced is not None and reading.ever(session, "books", CONFIRM),
    )


def begin_with(session: Session, actor: Actor, name: str) -> Service:
    """Make the example offer of that name. Raises Forbidden; NotFound; Conflict when the name is taken."""
    require(actor, Act.CHANGE_OFFERS)
    said = next((words for words in preset_offers() if words["name"] == name), None)
    if said is None:
        raise NotFound("service", name)
    return create_service(session, actor, read(NewService, said))


def confirm_prices(session: Session, actor: Actor) -> None:
    """Remember that the prices of the first offer were looked at. Raises Forbidden."""
    require(actor, Act.CHANGE_OFFERS)
    _remember(session, actor, CONFIRM)


def end(session: Session, actor: Actor) -> None:
    """Show the first steps no more, to anybody. Raises Forbidden."""
    require(actor, Act.CHANGE_SETTINGS)
    _remember(session, actor, END)


def _remember(session: Session, actor: Actor, action: str) -> None:
    if not reading.ever(session, "books", action):
        trail.record(session, actor, action, "books", None)
