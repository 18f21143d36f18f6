"""The venue adapters that there are."""

from __future__ import annotations

from algebra.errors import Refused
from attestor.venues import hyperliquid, sample_files
from attestor.venues.adapter import Adapter

ADAPTERS: tuple[Adapter, ...] = (sample_files.ADAPTER, hyperliquid.ADAPTER)
"""In the order of the documents."""


def adapter_of(name: str) -> Adapter:
    """The adapter of this name; Refused (`refused.venue`)."""
    for adapter in ADAPTERS:
        if adapter.name == name:
            return adapter
    names = ", ".join(sorted(adapter.name for adapter in ADAPTERS))
    raise Refused("refused.venue", f"venue: {name[:40]!r} has no adapter; there are: {names}")
