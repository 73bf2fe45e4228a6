"""Help: what each figure means and how it is made, with a worked example that the product itself computes."""

from vela.blueprints.web.explaining import help_page

__all__ = ["help_page"]
