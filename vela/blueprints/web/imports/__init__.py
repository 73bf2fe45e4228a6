"""The pages on which files of sales and offers are brought in: choosing one, its preview, storing it."""

from vela.blueprints.web.imports import offers, sales

__all__ = ["offers", "sales"]
