"""The settings, for admins: the workspace and the users."""

from vela.blueprints.web.settings import users, workspace

__all__ = ["users", "workspace"]
