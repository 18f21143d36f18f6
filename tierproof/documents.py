"""
The public files that travel between institution, protocol and chain (docs/reference/interfaces.md
2).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from algebra.interface import Algebra
from attestor import generations
from attestor.by_hand import HandReader
from attestor.root_file import RootFile as RootFile
from circuits.versions import known_circuit
from policies.attestor_set import AttestorSet
from policies.credential_file import CredentialFile as CredentialFile
from policies.files import read_json
from verifier.key import VerifyingKey

ATTESTORS_FORMAT, VERSION = "tierproof/attestors", 1


def attestors_document(of: AttestorSet) -> dict[str, Any]:
    """The file of an attestor set as JSON values; `load_attestors` reads it."""
    return {
        "format": ATTESTORS_FORMAT,
        "version": VERSION,
        **generations.as_json(of),
    }


def load_attestors(path: Path) -> AttestorSet:
    """
    Read an attestor set; Malformed (`malformed.attestors`, `.attestor_set`, `.signature`),
    Rejected (`rejected.quorum`: a generation that nobody handed over to), Unavailable.
    """
    file = HandReader(read_json(path, "malformed.attestors"), "attestors", "malformed.attestors")
    file.header(ATTESTORS_FORMAT, VERSION)
    file.keys("format", "version", *generations.NAMES)
    return generations.parse(file)


def load_key(path: Path, algebra: Algebra) -> VerifyingKey:
    """A verifying key file of a circuit that this version knows; Malformed."""
    return VerifyingKey.load(path, known_circuit, algebra)
