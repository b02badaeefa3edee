"""The one long-running program: its parts, kept running side by side until somebody ends it."""
