"""The pages of sales: a month of them, one sale, recording one, voiding one."""

from vela.blueprints.web.transactions import listing, recording, sale, voiding

__all__ = ["listing", "recording", "sale", "voiding"]
