"""
The statement versions that this software knows, and the one that new credentials are made with.

A version is a folder of `circuits/credential` (text and layout), one of `prover/witness` (honest
cells), and a line here; one that shares text and cells with another and asks other metrics is a
name and a table (`version_of`). Nobody else imports a version's folder: what a key file names is
looked up by name (docs/decisions/0014).
"""

from __future__ import annotations

from circuits.credential.v2.statement import VERSION as V2
from circuits.credential.version import StatementVersion
from circuits.language.circuit import Circuit

VERSIONS: dict[str, StatementVersion] = {version.name: version for version in (V2,)}
"""By the name that stands in key files."""
CURRENT = V2
"""What keys and credentials are made with."""


def version_named(name: str) -> StatementVersion:
    """The version whose name a key carries; ValueError where there is none."""
    if name not in VERSIONS:
        raise ValueError(f"circuit {name[:40]!r} is not known to this version")
    return VERSIONS[name]


def known_circuit(name: str, n: int) -> Circuit:
    """
    The circuit text that a key file names; ValueError for a name that no version has, or for n that
    is no class of it.
    """
    return version_named(name).text(n)
