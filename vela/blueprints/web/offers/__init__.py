"""The pages of offers: the list, a new one, one with its editable components, its history, two states compared."""

from vela.blueprints.web.offers import (
    changing,
    comparing,
    components,
    creating,
    exporting,
    history,
    listing,
    looking,
    pasting,
    supposing,
)

__all__ = [
    "changing",
    "comparing",
    "components",
    "creating",
    "exporting",
    "history",
    "listing",
    "looking",
    "pasting",
    "supposing",
]
