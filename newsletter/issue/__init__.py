"""What goes out: one announcement with its slots and its segment-only blocks."""
