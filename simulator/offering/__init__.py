"""Which pools are open, who may come in, and which tasks make his page."""
