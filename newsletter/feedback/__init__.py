"""What happened after a provider accepted: its events and bounces, read and judged. Pure."""
