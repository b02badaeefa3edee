"""Where an issue stands in the archive: known before it is sent, and the same ever after.

A slug is letters, digits and dashes only, so nothing of it has to be escaped.
"""


def issue_address(archive_url: str, issue: str) -> str:
    """Give the page of the issue with this slug; `archive_url` has no slash at the end."""
    return f"{archive_url}/{issue}/"


def item_address(archive_url: str, issue: str, announcement: str) -> str:
    """Give the page with the full text of one announcement of a digest, by both slugs."""
    return f"{issue_address(archive_url, issue)}{announcement}/"
