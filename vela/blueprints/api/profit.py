"""Profit and loss, and the dashboard, over JSON."""

from typing import Annotated

from flask import Response

from vela.blueprints.api.answers import answer
from vela.blueprints.api.describing import Answer
from vela.blueprints.api.guards import database
from vela.blueprints.api.reading import Unsaid
from vela.blueprints.api.routes import call
from vela.domain.insight.dashboard import dashboard
from vela.domain.ledger import queries
from vela.domain.workspace.settings import current_month, workspace
from vela.intake import MonthOf, Words
from vela.shapes.profit import DashboardShape, ProfitShape

TAG = "Profit"


class MonthQuery(Words):
    """Which month; the current one when it is left out."""

    month: Annotated[MonthOf | None, Unsaid()] = None


@call("GET /pnl", TAG, Answer(model=ProfitShape))
def get_pnl(query: MonthQuery) -> Response:
    """The profit and loss of a month; margins are percent, and null without revenue."""
    with database().reading() as session:
        month = query.month or current_month(session)
        return answer(ProfitShape.of(queries.profit_of(session, month), workspace(session).currency))


@call("GET /dashboard", TAG, Answer(model=DashboardShape))
def get_dashboard() -> Response:
    """The current month, the one before, the twelve months that end with it, and what each service earns now."""
    with database().reading() as session:
        board = dashboard(session, current_month(session))
        return answer(DashboardShape.of(board, workspace(session).currency))
