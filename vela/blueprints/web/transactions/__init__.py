"""The pages of sales: a month of them, one sale, recording one, voiding one."""

from vela.blueprints.web.transactions import exporting, listing, recording, sale, voiding

__all__ = ["exporting", "listing", "recording", "sale", "voiding"]
