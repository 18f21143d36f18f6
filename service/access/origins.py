"""Names of hosts and origins as browsers send them; which of them mean this machine."""

from __future__ import annotations

import re

from service.access.addresses import is_loopback

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")


def is_loopback_host(text: str) -> bool:
    """
    Whether a `Host` names this machine for every browser: `localhost`, with one dot at its end or
    none, or an address of loopback in its usual form, with a port or without. A name that ends on
    `.localhost` is not taken: not every resolver keeps it at home.
    """
    found = _HOST.fullmatch(text)
    if found is None or int(found["port"] or 0) > 65_535:
        return False
    name = found["name"].lower()
    if name.startswith("["):
        return ":" in name and is_loopback(name[1:-1])
    return name in ("localhost", "localhost.") or (is_loopback(name) and ":" not in name)


def is_loopback_origin(text: str) -> bool:
    """Whether an `Origin` is a page of this machine; `null` is nobody's."""
    scheme, separator, host = text.partition("://")
    return bool(separator) and scheme in ("http", "https") and is_loopback_host(host)


def is_exact_origin(text: str) -> bool:
    """
    Whether a text is an origin as browsers send it: no pattern, no path, no capital letter, and no
    port that the scheme has anyway.
    """
    found = _ORIGIN.fullmatch(text)
    usual = {"http": ":80", "https": ":443"}
    return found is not None and found[3] != usual[found[1]] and int((found[3] or ":1")[1:]) < 65536
