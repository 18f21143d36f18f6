"""The credential file, from the institution to protocol and chain (docs/reference/formats.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.files import write_atomic
from algebra.hexadecimal import fixed_hex, hex32
from algebra.keccak import keccak
from policies.files import Reader, read_json

FORMAT, VERSION = "tierproof/credential", 2
MAX_PROOF_BYTES = 1 << 15
"""Sizes of the circuit that there are keys of."""
_CODE = "malformed.credential"


@dataclass(frozen=True, slots=True)
class CredentialFile:
    """
    A credential: nothing in it is secret, and no verifier trusts it. It says which question the
    proof answers; the verifier computes the public words from what it knows itself.

    Attributes
    ----------
    size : class n
    key_digest, policy_id : 32 bytes
    tier : index in the policy
    srs_id : 200 bits, of the setup that the key is of; verifiers compare it with the key's
    root, nullifier : in [1, r)
    account, registry : lower-case addresses
    chain_id : of the registry
    """

    size: int
    srs_id: int
    key_digest: bytes
    policy_id: bytes
    tier: int
    root: int
    nullifier: int
    account: str
    chain_id: int
    registry: str
    proof: bytes

    def as_json(self) -> dict[str, Any]:
        """The object of the file, which `load` reads; numbers of 32 bytes are hexadecimal."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "size": self.size,
            "srs_id": fixed_hex(self.srs_id, 25),
            "key_digest": hex32(self.key_digest),
            "policy_id": hex32(self.policy_id),
            "tier": self.tier,
            "root": hex32(self.root),
            "nullifier": hex32(self.nullifier),
            "account": self.account,
            "chain_id": self.chain_id,
            "registry": self.registry,
            "proof": "0x" + self.proof.hex(),
        }

    @property
    def digest(self) -> bytes:
        """keccak256 of the document with its names in order and no spaces: 32 bytes."""
        document = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return keccak(document.encode("ascii"))

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> CredentialFile:
        """Read a file; as `parse`, and Unavailable (`unavailable.file`)."""
        return cls.parse(read_json(path, _CODE))

    @classmethod
    def parse(cls, value: object) -> CredentialFile:
        """
        Read the object of a file, form only.

        Raises
        ------
        Malformed
            `malformed.credential` with the part. The proof's own form is the verifier's to judge.
        """
        file = Reader(value, "credential", _CODE)
        file.header(FORMAT, VERSION)
        file.keys(
            "format",
            "version",
            "size",
            "srs_id",
            "key_digest",
            "policy_id",
            "tier",
            "root",
            "nullifier",
            "account",
            "chain_id",
            "registry",
            "proof",
        )
        proof = file.hex_bytes("proof")
        if len(proof) > MAX_PROOF_BYTES:
            raise file.error("proof", f"more than {MAX_PROOF_BYTES} bytes")
        return cls(
            size=file.integer("size", 1, 1 << 28),
            srs_id=int.from_bytes(file.hex_bytes("srs_id", 25)),
            key_digest=file.hex_bytes("key_digest", 32),
            policy_id=file.hex_bytes("policy_id", 32),
            tier=file.integer("tier", 0, 255),
            root=file.word("root"),
            nullifier=file.word("nullifier"),
            account="0x" + file.hex_bytes("account", 20).hex(),
            chain_id=file.integer("chain_id", 1, (1 << 63) - 1),
            registry="0x" + file.hex_bytes("registry", 20).hex(),
            proof=proof,
        )
