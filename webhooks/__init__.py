"""Where events come from, and the window on them: the receiver of notifications and the event log's pages."""
