"""What is said when a schedule cannot be followed: the place in its text, and what to do."""


class NotUnderstood(ValueError):
    """Words, a cron line or a rule that nobody can follow."""

    def __init__(self, problem: str, at: int, hint: str) -> None:
        """Keep the place, counted from 0 in characters."""
        super().__init__(problem)
        self.at = at
        self.hint = hint
