"""
Which IP addresses a webhook may be sent to: those that anybody on the internet could be at.

A list of what is allowed rather than of what is not, from IANA's special-purpose registries
(RFC 6890): Python's own `is_global` has changed from one patch to the next.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from algebra.errors import Refused
from service.webhooks.settings import Network, WebhookSettings

Address = IPv4Address | IPv6Address

NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; 0.0.0.0 connects to this machine
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's metadata, on an address that looks public
        "169.254.0.0/16",  # link-local; clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
)
PUBLIC_6 = IPv6Network("2000::/3")
"""Global unicast; outside: loopback, mapped, NAT64, unique local, link-local, multicast."""
NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third word of an address that has an IPv4 address inside."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet's, and holds none of another kind."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    inside = address in PUBLIC_6 and address.scope_id is None
    tunnel = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    return inside and not tunnel and not any(address in network for network in NOT_PUBLIC_6)


def require_allowed(text: str, settings: WebhookSettings, *, local: bool = False) -> Address:
    """
    An address that may be connected to.

    Parameters
    ----------
    text : as a resolver gives it
    settings : networks that are refused besides, and whether loopback is allowed
    local : whether the URL itself says that this machine is meant

    Raises
    ------
    Refused
        `refused.webhook_address`: it is none of those that are allowed.
    """
    try:
        address = ip_address(text)
    except ValueError:
        raise Refused("refused.webhook_address", "webhook: no IP address") from None
    if local and settings.allow_loopback and address in _loopback(address):
        return address
    if not is_public(address):
        raise Refused("refused.webhook_address", "webhook: its host has an address inside")
    if any(address in network for network in settings.refused_networks):
        raise Refused("refused.webhook_address", "webhook: its host is in a refused network")
    return address


def _loopback(address: Address) -> Network:
    """Without those that are mapped into IPv6."""
    return IPv4Network("127.0.0.0/8") if address.version == 4 else IPv6Network("::1/128")
