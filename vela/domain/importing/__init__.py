"""Bringing sales and offers in from files: what would become of every row, and doing it."""
