"""What an author writes: one source file becomes one Announcement."""
