"""The log and all that is remembered: events, deliveries, decisions, calls, answers. Every line of SQL is here."""
