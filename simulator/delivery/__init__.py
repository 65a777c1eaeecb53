"""How a notification goes over the wire."""
