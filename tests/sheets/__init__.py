"""Files that leave and enter Vela as tables: written, and read back."""
