"""The palette and its page: find anything, go anywhere, do the obvious."""

from vela.blueprints.web.finding import asking

__all__ = ["asking"]
