"""What agents and scripts proposed: looked at, approved or declined, here alone."""

from vela.blueprints.web.proposals import deciding, listing

__all__ = ["deciding", "listing"]
