"""Measuring how fast Vela is: `make bench`."""
