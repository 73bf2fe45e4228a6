"""Acts that are sent twice and done once: keys, and the answers kept under them."""
