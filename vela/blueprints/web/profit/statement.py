"""The statement of twelve months: its page, and everything on it that an edit changes."""

from decimal import Decimal
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from vela.blueprints.web.answers import page
from vela.blueprints.web.figures import places
from vela.blueprints.web.guards import database
from vela.blueprints.web.months import Chosen, chosen
from vela.blueprints.web.profit import waterfall
from vela.blueprints.web.routes import pages
from vela.domain.insight import statement
from vela.domain.ledger import closing, queries

LARGE = 1_000_000  # amounts of seven digits need wider columns on narrow screens


@pages.get("/profit")
def profit() -> Response:
    """The statement of the twelve months that end with the chosen one. Raises Invalid for a month that is none."""
    with database().reading() as session:
        return profit_page(session, chosen(session))


def profit_page(session: Session, choice: Chosen, status: int = 200, refused: dict[str, Any] | None = None) -> Response:
    """The page of a month; `refused` puts a form back as it was typed, with the complaints at its fields."""
    context = everything(session, choice)
    return page(session, "profit/profit.html", status, here="profit", refused=refused, **context)


def everything(session: Session, choice: Chosen) -> dict[str, Any]:
    """All that the page shows of a month, and all that an answer to an edit may need."""
    shown = statement.statement(session, choice.month)
    figures = shown.months[-1]
    listed = queries.expenses(session)
    amounts = _amounts(shown)
    return {
        "choice": choice,
        "statement": shown,
        "figures": figures,
        "fall": waterfall.draw(statement.waterfall(session, figures)),
        "closed": closing.closed_month(session, choice.month),
        "expenses": listed,
        "decimals": places(amounts),
        "large": any(abs(each) >= LARGE for each in amounts if each is not None),
        "expense_places": places([each.amount for each in listed]),
    }


def _amounts(shown: statement.Statement) -> list[Decimal | None]:
    """Every amount of the statement: one of them with decimals gives them to the whole waterfall."""
    columns = [*shown.months, shown.together]
    figures = [each for column in columns for each in (column.total_revenue, column.total_cost, column.opex)]
    return [*figures, *(amount for row in shown.revenue_by_offer + shown.cost_by_group for amount in row.amounts)]
