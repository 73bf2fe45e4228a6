"""The blueprint of all pages; the modules named here add their routes to it."""

from importlib import import_module

from flask import Blueprint

pages = Blueprint("web", __name__)

for area in ("signing_in", "dashboard", "offers", "transactions", "profit", "settings", "account"):
    import_module(f"vela.blueprints.web.{area}")
