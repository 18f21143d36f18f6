"""The signed root as it travels: the same file for all owners of a tree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Rejected
from algebra.files import write_atomic
from algebra.hexadecimal import hex32
from attestor import generations
from attestor.quorum import verify_quorum
from policies.attestor_set import AttestorSet
from policies.feed import FeedDocument
from policies.files import Reader, read_json
from policies.policy import Policy
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import Root, RootDomain

if TYPE_CHECKING:
    from attestor.attestation import Attestation

FORMAT, VERSION = "tierproof/root", 1


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
            "format": FORMAT,
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
        file.header(FORMAT, VERSION)
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
