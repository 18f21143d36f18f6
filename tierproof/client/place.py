"""Where the service is, and the key that it asks for: checked before anything is sent."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from algebra.errors import Malformed
from algebra.private_file import read_private

_KEY = re.compile(r"[!-~]{1,512}")


def base_url(url: str) -> str:
    """
    The URL without a slash at its end.

    Raises
    ------
    Malformed
        `malformed.url`: no https, but for a loopback host; a user, a query, or no host.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _malformed("no URL") from None
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise _malformed("a scheme, a host and a path are wanted, and nothing else")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise _malformed("https is wanted, for a host that is not this machine")
    return url.rstrip("/")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ApiKey:
    """A key of the service; it is shown nowhere, only sent."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        text = text.strip()
        if _KEY.fullmatch(text) is None:
            raise Malformed("malformed.bearer", "API key: not one line of printable characters")
        self._text = text

    @classmethod
    def load(cls, path: Path) -> ApiKey:
        """From a file that nobody else reads; Malformed, Unavailable, Refused as its reader."""
        return cls(read_private(path))

    def header(self) -> str:
        """The value of `Authorization`."""
        return f"Bearer {self._text}"

    def __repr__(self) -> str:
        return "ApiKey(...)"


def _malformed(reason: str) -> Malformed:
    return Malformed("malformed.url", f"service: {reason}", part="service")
