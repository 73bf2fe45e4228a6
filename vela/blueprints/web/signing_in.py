"""The pages of signing_in."""
