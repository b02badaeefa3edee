"""Lists of `tag=value;` as DKIM keys and DMARC policies are written (RFC 6376 section 3.2)."""


def read_tags(text: str) -> dict[str, str]:
    """Read the tags of a record by lower-case name; what is no tag is left out."""
    pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, value in pairs}
