"""When dispatches are due."""
