"""Honest cells of each statement version that this software proves: a folder and a line here."""

from __future__ import annotations

from collections.abc import Callable

from circuits.credential.v2.statement import NAME as V2
from prover.prove import Witness
from prover.witness.v2.credential import CredentialWitness

WITNESSES: dict[str, Callable[..., Witness]] = {V2: CredentialWitness}
"""
By the name of the circuit, as `circuits.versions` lists it: what makes a witness of the parts that
`prover.credential.credential_witness` has.
"""
