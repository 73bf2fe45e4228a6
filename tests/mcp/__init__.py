"""Tests of the mcp room."""
