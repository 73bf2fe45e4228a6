"""What could be, over JSON: every service at supposed costs and prices, and the price that leaves a wanted margin."""

from flask import Response

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import Answer
from vela.blueprints.api.guards import database
from vela.blueprints.api.reading import ServicePath
from vela.blueprints.api.routes import call
from vela.domain.insight.aiming import aim
from vela.domain.insight.intake import Supposed
from vela.domain.insight.what_if import suppose
from vela.domain.workspace.settings import workspace
from vela.intake import TargetMargin, Words
from vela.shapes.suppositions import AimShape, ScenarioShape

TAG = "What if"


class MarginQuery(Words):
    """Which margin is wanted, in percent of the price."""

    margin_pct: TargetMargin


@call("GET /what-if", TAG, Answer(model=ScenarioShape))
def what_if(query: Supposed) -> Response:
    """Every active service if its costs and prices moved by so many percent; nothing is stored.

    `only` moves the costs of some components alone: those whose name contains it, or whose group it is, in any case of
    letters; it is 422 when it means none. Without it all costs move. Prices move in every component.
    """
    with database().reading() as session:
        offers = suppose(session, cost_change=query.cost_change_pct, sell_change=query.sell_change_pct, only=query.only)
        return answer(ScenarioShape.of(query, offers, workspace(session).currency))


@call("GET /services/<service_id>/price-for-margin", TAG, Answer(model=AimShape), refuses=(404, 409))
def price_for_margin(path: ServicePath, query: MarginQuery) -> Response:
    """The price at which a service leaves `margin_pct` percent of itself, beside its price and list price of now.

    Nothing is stored. A margin that no price leaves is 422; a service that costs nothing is 409 NO_COST.
    """
    with database().reading() as session:
        return answer(AimShape.of(aim(session, path.service_id, query.margin_pct), workspace(session).currency))
