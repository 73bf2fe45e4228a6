"""The page of profit and loss: the statement, the waterfall, and the operating expenses that can be edited on it."""

from vela.blueprints.web.profit import closing, expenses, exporting, printing, sources, statement

__all__ = ["closing", "expenses", "exporting", "printing", "sources", "statement"]
