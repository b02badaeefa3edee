"""Hosts as the settings name them: what may be said to them in clear. Pure."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?", re.ASCII)


def is_host(text: str) -> bool:
    """Tell whether `text` names a host, by name or address."""
    return bool(_NAME.fullmatch(text)) or _is_address(text)


def is_this_machine(host: str) -> bool:
    """Tell whether `host` names this machine, so that nothing said to it crosses a network."""
    if _is_address(host):
        return ip_address(host).is_loopback
    return host.lower() == "localhost"


def is_https_or_this_machine(url: str) -> bool:
    """Tell whether `url` is scheme, host and maybe port, and safe to give a key to."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return False
    host = parts.hostname or ""
    # Written back and compared, so that no path, user or query hides in it.
    if not is_host(host) or url.lower() != f"{parts.scheme}://{host}{port}":
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
