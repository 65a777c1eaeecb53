"""Who the simulated people are, how they work and what they say."""
