"""Who may get an issue: members, segments, suppressions, and the selection that explains itself."""
