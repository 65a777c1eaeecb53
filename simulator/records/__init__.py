"""What the simulated platform remembers."""
