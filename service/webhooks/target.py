"""The URL of an address that is told: what it may look like, asked before anything is resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from algebra.errors import Malformed, Refused
from service.webhooks.addresses import require_allowed
from service.webhooks.settings import WebhookSettings

MOST_CHARACTERS = 1024
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_MARKS = r"A-Za-z0-9._~!$&'()*+,;=:@%/-"
_URL = re.compile(
    r"https://(?P<host>\[[0-9a-f.]*:[0-9a-f:.]*\]|[a-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?"
    rf"(?P<path>/[{_MARKS}]*)?(?P<query>\?[{_MARKS}?]*)?",
    re.ASCII | re.IGNORECASE,
)
"""No user, no fragment, no zone of an address, nothing that is not encoded."""


@dataclass(frozen=True, slots=True)
class Target:
    """
    Attributes
    ----------
    host : a name in lower case, or an IP address without brackets
    port : 1 .. 65535
    path : with its query; begins with /
    """

    host: str
    port: int
    path: str

    @property
    def literal(self) -> bool:
        """Whether the host is an IP address."""
        return _is_literal(self.host)

    @property
    def local(self) -> bool:
        """Whether the host says of itself that it is this machine."""
        if self.literal:
            return ip_address(self.host).is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def authority(self) -> str:
        """Host and port, as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def parse(url: str, settings: WebhookSettings) -> Target:
    """
    Read a URL: https, a host, a port that is allowed; no user, no fragment.

    Raises
    ------
    Malformed
        `malformed.webhook_url`: no such URL.
    Refused
        `refused.webhook_address`: the host is this machine or an address inside;
        `refused.webhook_port`.
    """
    found = _URL.fullmatch(url) if len(url) <= MOST_CHARACTERS else None
    if found is None:
        raise _malformed("not https, a host, a port if need be, and an encoded path and query")
    host = found["host"].lower().strip("[]").removesuffix(".")
    path = (found["path"] or "/") + (found["query"] or "")
    target = Target(host, int(found["port"] or 443), path)
    if not (target.literal or _is_name(host)):
        raise _malformed("its host is no name and no address")
    if target.port > 65_535:
        raise _malformed("there is no such port")
    _require_place(target, settings)
    return target


def _require_place(target: Target, settings: WebhookSettings) -> None:
    if target.literal:
        require_allowed(target.host, settings, local=target.local)
    if target.local and not settings.allow_loopback:
        raise Refused("refused.webhook_address", "webhook: its host is this machine")
    if not target.local and target.port not in settings.ports:
        allowed = ", ".join(map(str, settings.ports))
        raise Refused("refused.webhook_port", f"webhook: port {target.port}; allowed: {allowed}")


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    """A last label of digits, `0x7f.1` or `2130706433`, is another spelling of an address."""
    last = host.rpartition(".")[2]
    numeric = last.isdecimal() or last.startswith("0x")
    return len(host) <= 253 and _NAME.fullmatch(host) is not None and not numeric


def _malformed(what: str) -> Malformed:
    return Malformed("malformed.webhook_url", f"webhook: url: {what}", part="url")
