"""A workspace: the folder of a society, its settings, and what commands and pages do with it."""
