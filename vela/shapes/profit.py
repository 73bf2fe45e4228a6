"""Profit and loss as it is answered: of a month, of a longer period, and on the dashboard."""

from typing import Annotated, Self

from pydantic import Field

from vela.domain.insight.dashboard import Dashboard
from vela.domain.ledger.profit import Figures, MonthFigures, PeriodFigures
from vela.shapes.base import MaybeNumber, MonthName, Number, Shape
from vela.shapes.offers import OfferMarginShape

PERIOD = r"^[0-9]{4}(-(0[1-9]|1[0-2])|-Q[1-4])?$"


class ProfitShape(Shape):
    """The profit and loss of one month; margins in percent, null without revenue."""

    month: MonthName
    total_revenue: Number
    total_cost: Number
    gross_profit: Number
    gross_margin_pct: MaybeNumber
    opex: Number
    net_profit: Number
    net_margin_pct: MaybeNumber
    currency: str

    @classmethod
    def of(cls, figures: MonthFigures, currency: str) -> Self:
        names = set(cls.model_fields) - {"currency"}
        return cls.model_validate({name: getattr(figures, name) for name in names} | {"currency": currency})


class FiguresShape(Shape):
    """A profit and loss; margins in percent, null without revenue."""

    total_revenue: Number
    total_cost: Number
    gross_profit: Number
    gross_margin_pct: MaybeNumber
    opex: Number
    net_profit: Number
    net_margin_pct: MaybeNumber

    @classmethod
    def summing(cls, figures: Figures) -> Self:
        return cls.model_validate({name: getattr(figures, name) for name in FiguresShape.model_fields})


class PeriodShape(FiguresShape):
    """The profit and loss of one month (2026-11), quarter (2026-Q4) or year (2026)."""

    period: Annotated[str, Field(pattern=PERIOD, examples=["2026-Q4"])]

    @classmethod
    def of(cls, figures: PeriodFigures) -> Self:
        said = {name: getattr(figures, name) for name in FiguresShape.model_fields}
        return cls.model_validate(said | {"period": str(figures.period)})


class DashboardShape(Shape):
    """The current month and the twelve months that end with it, oldest first."""

    current: ProfitShape
    previous: ProfitShape | None
    trend: list[ProfitShape]
    offers: list[OfferMarginShape]

    @classmethod
    def of(cls, board: Dashboard, currency: str) -> Self:
        return cls(
            current=ProfitShape.of(board.current, currency),
            previous=ProfitShape.of(board.previous, currency) if board.previous else None,
            trend=[ProfitShape.of(each, currency) for each in board.trend],
            offers=[OfferMarginShape.of(service) for service in board.offers],
        )
