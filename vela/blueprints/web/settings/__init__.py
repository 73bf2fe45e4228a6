"""The settings, for admins: the workspace and the users."""

from vela.blueprints.web.settings import tokens, users, workspace

__all__ = ["tokens", "users", "workspace"]
