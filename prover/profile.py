"""
Profiles: how many columns share a commitment (docs/decisions/0005), and so what a proof costs its
prover and its verifier.

A profile belongs to a key, not to a setup, an attestation or a policy: one setup gives the keys of
all profiles, and one attestation can be proven with each of them.
"""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """`fast` for the prover's time, `lean` for gas."""

    FAST = "fast"
    LEAN = "lean"

    @property
    def slots(self) -> int:
        """k, columns to a commitment; a verifying key stores it."""
        return {Profile.FAST: 4, Profile.LEAN: 8}[self]
