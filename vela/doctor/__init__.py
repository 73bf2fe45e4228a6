"""The doctor: what is misconfigured on this machine, and what to do about it."""
