"""Derive, by the answers of its account interface, from a collected folder."""

from attestor.venues.derive.adapter import ADAPTER as ADAPTER
