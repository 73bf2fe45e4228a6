"""The settings, for admins: the workspace, the users, and the webhooks."""

from vela.blueprints.web.settings import (
    backups,
    books,
    exporting,
    history,
    tokens,
    users,
    webhook_changes,
    webhooks,
    workspace,
)

__all__ = [
    "backups",
    "books",
    "exporting",
    "history",
    "tokens",
    "users",
    "webhook_changes",
    "webhooks",
    "workspace",
]
