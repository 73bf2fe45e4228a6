"""Signing in and out, proving again who one is, and who comes with what was handed out."""
