"""Hyperliquid over its account interface; `tierproof collect hyperliquid` makes its folder."""

from attestor.venues.hyperliquid.adapter import ADAPTER as ADAPTER
