"""The price of an offer that leaves a wanted margin, beside what it sells for now and what its list says."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vela.domain.catalog import pricing, queries
from vela.domain.catalog.models import Service
from vela.domain.catalog.pricing import Totals
from vela.errors import Conflict, invalid
from vela.language import gettext as _


@dataclass(frozen=True, slots=True)
class Aim:
    """An offer, its totals now, and its totals at the price that leaves `margin_pct` percent."""

    service: Service
    margin_pct: Decimal
    now: Totals
    then: Totals

    @property
    def change(self) -> Decimal:
        """How much more than now the price is, in the currency of the books; negative is a discount."""
        return self.then.sell - self.now.sell

    @property
    def list_change(self) -> Decimal | None:
        """How much more than the list price it is; None without one."""
        listed = self.service.list_sell
        return None if listed is None else self.then.sell - listed


def aim(session: Session, service_id: int, margin_pct: Decimal) -> Aim:
    """The price at which an offer leaves `margin_pct` percent, as its components cost now; nothing is stored.

    Raises NotFound; Invalid for a margin that no price leaves; Conflict for an offer that costs nothing.
    """
    service = queries.service(session, service_id)
    now = service.totals
    if now.cost <= 0:
        words = _("This offer costs nothing, so any price leaves all of itself. Give its components a cost first.")
        raise Conflict("no_cost", words)
    price = pricing.price_at_margin(now.cost, margin_pct)
    if price is None:
        words = _("No price leaves so much. Ask for less, such as 40.")
        raise invalid("margin_pct", "out_of_reach", words)
    return Aim(service, margin_pct, now, Totals(now.cost, price))
