"""The pages of profit."""
