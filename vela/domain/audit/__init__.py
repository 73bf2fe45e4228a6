"""The trail: who changed what, when, and through which face."""
