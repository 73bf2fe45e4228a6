"""What may be supposed of every offer at once; pydantic models whose field names are public."""

from decimal import Decimal

from vela.intake import Line, PercentChange, Words


class Supposed(Words):
    """By how many percent costs and unit prices would move; costs only in components that `only` means, or in all."""

    cost_change_pct: PercentChange = Decimal(0)
    sell_change_pct: PercentChange = Decimal(0)
    only: Line = ""
