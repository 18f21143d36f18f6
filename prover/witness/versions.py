"""Honest cells of each statement version that this software proves: a folder and a line here."""

from __future__ import annotations

from circuits.credential.v2.statement import NAME as V2
from prover.witness.v2.credential import CredentialWitness

WITNESSES: dict[str, type[CredentialWitness]] = {V2: CredentialWitness}
"""By the name of the circuit, as `circuits.versions` lists it."""
