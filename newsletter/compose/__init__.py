"""From issue to compiled issue: Markdown, MJML, inlining, plain text, freezing."""
