"""Vela: what every thing you sell earns, and why."""

__version__ = "0.1.0"
