"""Proofs on the real program: what it acknowledged is kept, whatever happens to its processes, disk and clock."""
