"""
The public files that travel between institution, protocol and chain (docs/reference/interfaces.md
2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Rejected
from algebra.files import write_atomic
from algebra.hexadecimal import fixed_hex, hex32
from algebra.interface import Algebra
from attestor import generations
from attestor.by_hand import HandReader
from attestor.files import Reader, read_json
from attestor.quorum import verify_quorum
from circuits.versions import known_circuit
from policies.attestor_set import AttestorSet
from policies.feed import FeedDocument
from policies.policy import Policy
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain
from verifier.key import VerifyingKey

if TYPE_CHECKING:
    from attestor.attestation import Attestation

CREDENTIAL_FORMAT, CREDENTIAL_VERSION = "tierproof/credential", 2
ROOT_FORMAT, VERSION = "tierproof/root", 1
ATTESTORS_FORMAT = "tierproof/attestors"
MAX_PROOF_BYTES = 1 << 15
"""Sizes of the circuit that there are keys of."""


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
            "format": CREDENTIAL_FORMAT,
            "version": CREDENTIAL_VERSION,
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

    def request(self) -> dict[str, Any]:
        """The body of `POST /v1/verifications`."""
        document = self.as_json()
        return {
            name: document[name]
            for name in document
            if name not in ("format", "version", "size", "srs_id")
        }

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> CredentialFile:
        """
        Read a file, form only.

        Raises
        ------
        Malformed
            `malformed.credential` with the part. The proof's own form is the verifier's to judge.
        Unavailable
            `unavailable.file`.
        """
        file = Reader(read_json(path, "malformed.credential"), "credential", "malformed.credential")
        file.header(CREDENTIAL_FORMAT, CREDENTIAL_VERSION)
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


@dataclass(frozen=True, slots=True)
class RootFile:
    """
    A root with its quorum: the public part of an attestation, the same for all owners of a tree.

    `files` are those of which the root says the rules.
    """

    root: Root
    attestor_set: AttestorSet
    domain: RootDomain
    signatures: tuple[bytes, ...]
    files: RuleFiles = NO_FILES

    @classmethod
    def of(cls, attestation: Attestation) -> RootFile:
        """The public part of an attestation; nothing of its owner is in it."""
        return cls(
            attestation.signed_root,
            attestation.attestor_set,
            attestation.domain,
            attestation.signatures,
            attestation.files,
        )

    def as_json(self) -> dict[str, Any]:
        """The object of the file, which `load` reads."""
        return {
            "format": ROOT_FORMAT,
            "version": VERSION,
            "root": hex32(self.root.root),
            "days": {"first": self.root.first_day, "last": self.root.last_day},
            "valid_until": self.root.valid_until,
            "feed": hex32(self.root.feed),
            "files": self.files.as_json(),
            "attestor_set": generations.as_json(self.attestor_set),
            "domain": {"chain_id": self.domain.chain_id, "registry": self.domain.registry},
            "signatures": ["0x" + signature.hex() for signature in self.signatures],
        }

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> RootFile:
        """
        Read a file, form only, but for the set's own handovers; Malformed (`malformed.root`,
        `malformed.attestor_set`), Rejected (`rejected.quorum`), Unavailable.
        """
        return cls.parse(Reader(read_json(path, "malformed.root"), "root", "malformed.root"))

    @classmethod
    def parse(cls, file: Reader) -> RootFile:
        """From the object of a file; errors as `load`."""
        file.header(ROOT_FORMAT, VERSION)
        file.keys(
            "format",
            "version",
            "root",
            "days",
            "valid_until",
            "feed",
            "files",
            "attestor_set",
            "domain",
            "signatures",
        )
        days, domain = file.child("days"), file.child("domain")
        days.keys("first", "last")
        domain.keys("chain_id", "registry")
        attestor_set = generations.child(file)
        files = RuleFiles.parse(file.value("files"), "root.files")
        root = Root(
            file.word("root"),
            attestor_set.id,
            attestor_set.generation,
            days.integer("first", 0, (1 << 24) - 1),
            days.integer("last", 0, (1 << 24) - 1),
            file.integer("valid_until", 0, (1 << 64) - 1),
            file.word("feed"),
            files.rules,
        )
        return cls(
            root,
            attestor_set,
            RootDomain(domain.integer("chain_id", 1, (1 << 256) - 1), domain.text("registry")),
            file.signatures("signatures"),
            files,
        )

    def check(self, *, policy: Policy, domain: RootDomain, now: int) -> None:
        """
        Whether a verifier may rely on this root.

        Parameters
        ----------
        policy, domain : what the verifier asks, and where
        now : seconds since 1970

        Raises
        ------
        Rejected
            `rejected.root`: another set, chain, registry or window, or expired; `rejected.rules`:
            made by other margin documents than the policy accepts, or without a feed of the index
            that it wants; `rejected.quorum`, `.signature`.
        Malformed
            `malformed.signature`.
        """
        if self.attestor_set.id != policy.attestor_set or not any(policy.attestor_set):
            raise Rejected(
                "rejected.root", "root: signed by another attestor set than the policy trusts"
            )
        if self.domain != domain:
            raise Rejected("rejected.root", "root: signed for another chain or registry")
        if (self.root.first_day, self.root.last_day) != (policy.first_day, policy.last_day):
            raise Rejected("rejected.root", "root: of another window than the policy's")
        if self.root.valid_until < now:
            raise Rejected("rejected.root", f"root: was valid until {self.root.valid_until}")
        if self.files.rules != self.root.rules:
            raise Rejected(
                "rejected.rules", "root: its files are not those that it was signed with"
            )
        if not policy.accepts(self.files, self.root.feed):
            used = ", ".join(name for name, _ in self.files.files) or "no document"
            raise Rejected(
                "rejected.rules", f"root: made by {used}, which the policy does not accept so"
            )
        verify_quorum(self.root, self.domain, self.signatures, self.attestor_set)

    def check_feed(self, feed: FeedDocument) -> None:
        """
        Whether this is the feed document of the root; Rejected (`rejected.feed`) unless its window
        is the root's, its name and digest are among the files, and its values are those of `feed`.
        """
        if (feed.first_day, feed.last_day) != (self.root.first_day, self.root.last_day):
            raise Rejected("rejected.feed", f"root: its window is not that of {feed.name}")
        if (feed.name, feed.digest) not in self.files.files:
            raise Rejected("rejected.feed", f"root: {feed.name} of this digest is not of its files")
        if feed.feed.digest() != self.root.feed:
            raise Rejected("rejected.feed", f"root: {feed.name} has other values than were signed")


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
