"""What the requester has: money, allowances, and subscriptions."""
