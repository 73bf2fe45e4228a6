"""Backups: made while others write, verified by what is in them, put back, and kept by a rule."""
