"""The pages of offers: the list, a new one, one with its editable components, its history."""

from vela.blueprints.web.offers import changing, components, creating, history, listing, looking, supposing

__all__ = ["changing", "components", "creating", "history", "listing", "looking", "supposing"]
