"""What the rest is made of: time, chance, refusals, shapes of requests, and things kept in order."""
