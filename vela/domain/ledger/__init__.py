"""Sales, operating expenses and the profit of each month."""
