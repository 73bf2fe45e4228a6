"""The settings, for admins: the workspace and the users."""

from vela.blueprints.web.settings import backups, books, exporting, history, tokens, users, workspace

__all__ = ["backups", "books", "exporting", "history", "tokens", "users", "workspace"]
