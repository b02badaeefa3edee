"""Planning, opening and delivering one sending of an issue."""
