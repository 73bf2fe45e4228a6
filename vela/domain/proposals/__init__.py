"""Changes that wait for a person: what would happen, shown before it does, and done once exactly as it was shown."""
