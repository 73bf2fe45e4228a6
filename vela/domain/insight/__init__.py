"""Figures read across the other areas: the dashboard, the statement, what needs a look."""
