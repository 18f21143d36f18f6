"""Addresses of callers: which are of this machine, and which count as one."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address

PREFIX = 64
"""Bits of an IPv6 address that one customer of a network is given at least (RFC 6177)."""
UNKNOWN = "unknown"


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address without a zone; an IPv4 address that IPv6 carries is that address."""
    try:
        address = ip_address(text)
    except (AddressValueError, ValueError):
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def is_loopback(text: str) -> bool:
    """Whether an address is one of this machine's alone; no name is one."""
    address = _read(text)
    return address is not None and address.is_loopback


def group(text: str | None) -> str:
    """What counts as one caller: an IPv4 address, or an IPv6 /64."""
    address = None if text is None else _read(text.partition("%")[0])
    if address is None:
        return UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return f"{IPv6Address(int(address) >> PREFIX << PREFIX)}/{PREFIX}"
