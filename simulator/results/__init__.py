"""What comes out of a pool: aggregated answers, and the table."""
