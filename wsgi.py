"""Gunicorn's door."""

from vela.app import create_app

app = create_app()
