"""Files that leave and enter Vela as tables: their columns, and how they are written."""
