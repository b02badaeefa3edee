"""The blocks that an author can write, by the name behind the colons: `::: button https://...`."""

ONLY = "only"
"""The block that some segments get; it decides about variants, the others about looks."""

DIRECTIVES = (
    *("button", "callout", "card", "columns", "contents", "deadline", "divider", "event"),
    *("figure", "quote"),
    *("lead", "items", "events", "deadlines", "jobs"),
)
"""What each of them takes is told in `docs/announcements.md`."""
