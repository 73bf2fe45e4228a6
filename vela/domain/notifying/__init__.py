"""Webhooks: which programs elsewhere are told of what changes, and what still has to be told them."""
