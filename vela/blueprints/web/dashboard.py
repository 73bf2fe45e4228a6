"""The pages of dashboard."""
