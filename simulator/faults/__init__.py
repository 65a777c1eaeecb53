"""What may go wrong, and whom it strikes."""
