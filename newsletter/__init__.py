"""Turn an announcement file into an accessible email and send it to the right members."""

__all__: list[str] = []
