"""What quality control counts and asks for."""
