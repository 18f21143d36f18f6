"""Deribit, by the answers of its account interface (docs/explanation/attestation.md 2.6)."""

from attestor.venues.deribit.adapter import ADAPTER as ADAPTER
