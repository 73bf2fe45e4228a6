"""The pages of sales: a month of them, recording one, voiding one."""

from vela.blueprints.web.transactions import listing, recording, voiding

__all__ = ["listing", "recording", "voiding"]
