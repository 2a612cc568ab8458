"""Addresses as a caller may write them: which are on this machine, and which are not what they look like."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host's name can only mean this machine, whatever a name server says."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def parts(url: str) -> SplitResult:
    """Split an address; ValueError where clients might disagree about its host."""
    if not re.fullmatch(r"https?://[A-Za-z0-9._:\[\]-]+(/[\w./~-]*)?", url, re.ASCII):
        raise ValueError("give scheme, host, port and path, and nothing else")
    found = urlsplit(url)
    if not found.hostname:
        raise ValueError("it names no host")
    found.port  # noqa: B018  # raises where it is none
    return found
