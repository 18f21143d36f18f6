"""
The venue adapters that there are. An adapter is one module, which holds its entry, and one line
here.
"""

from __future__ import annotations

from algebra.errors import Refused
from attestor.venues import (
    deribit,
    derive,
    generic_csv,
    hyperliquid,
    hyperliquid_2023,
    lyra_avalon,
)
from attestor.venues.adapter import Adapter, Entry, ProfileReader

ADAPTERS: tuple[Adapter, ...] = (
    generic_csv.ADAPTER,
    hyperliquid.ADAPTER,
    hyperliquid_2023.ADAPTER,
    derive.ADAPTER,
    deribit.ADAPTER,
)
"""In the order of the documents."""

PROFILES: tuple[ProfileReader, ...] = (lyra_avalon.ENTRY,)
"""Those whose files say how wallets trade and not what they are worth: nothing is attested."""


def entries() -> tuple[Entry, ...]:
    """All of them, those that make statements first."""
    return (*ADAPTERS, *PROFILES)


def entry_of(name: str) -> Entry:
    """The entry of this name; Refused (`refused.adapter`)."""
    for entry in entries():
        if entry.name == name:
            return entry
    names = ", ".join(sorted(each.name for each in entries()))
    raise Refused("refused.adapter", f"adapter: {name[:40]!a} is none; there are: {names}")


def adapter_of(name: str) -> Adapter:
    """
    The adapter of this name, whose files can be attested; Refused (`refused.adapter`,
    `refused.profile`).
    """
    entry = entry_of(name)
    if not isinstance(entry, Adapter):
        raise Refused(
            "refused.profile",
            f"adapter: {entry.name} tells how wallets trade and not what they are worth: "
            f"{entry.facts.equity.how}; it is no margin data, and nothing of it is attested",
        )
    return entry
