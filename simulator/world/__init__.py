"""Time that moves, and what happens in it: people come and work, rules act, other hands reach in."""
