"""The commands: the only place that reads settings and builds objects."""
