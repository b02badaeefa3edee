"""The carriers: each hands batches of messages to a mail service."""
