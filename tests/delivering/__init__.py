"""Tests of what is sent elsewhere."""
