"""Histories, and a state that outlives its process."""
