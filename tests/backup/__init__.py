"""Backups: made, verified, kept, put back."""
