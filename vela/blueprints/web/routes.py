"""The blueprint of all pages; the modules named here add their routes to it."""

from importlib import import_module

from flask import Blueprint

pages = Blueprint("web", __name__)

AREAS = (
    *("signing_in", "dashboard", "beginning", "offers", "transactions", "profit", "settings", "imports"),
    *("explaining", "scripts"),
    *("finding", "helping", "proposals"),
    *("account", "preferences", "confirming", "own_sign_ins", "own_second_factor"),
)
for area in AREAS:
    import_module(f"vela.blueprints.web.{area}")
