"""Proofs that take minutes: `make prove`."""
