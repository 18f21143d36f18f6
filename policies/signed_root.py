"""
What attestors sign (docs/explanation/attestation.md 3.2).

    Root{root, attestorSet, generation, firstDay, lastDay, validUntil, feed, rules}
    domain: "Tierproof", "2", chain id, registry contract

The message is EIP-712 (`policies.typed_data`). It names the generation of the set that signs
(`policies.attestor_set`): without it the signatures of one that was replaced would count again.
Signing and recovering are `attestor.quorum`'s; the registry contract computes the same for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algebra.errors import Malformed
from history.v2.feed import NO_FEED
from policies.abi import WORD_LIMIT
from policies.address import check_address
from policies.rule_files import NO_FILES
from policies.rules import ROOT_RULES, SUBMISSION_RULES, check
from policies.typed_data import TypedMessage, Types, typed_document, typed_message

TYPES = {
    "Root": [
        {"name": "root", "type": "uint256"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "generation", "type": "uint32"},
        {"name": "firstDay", "type": "uint32"},
        {"name": "lastDay", "type": "uint32"},
        {"name": "validUntil", "type": "uint64"},
        {"name": "feed", "type": "uint256"},
        {"name": "rules", "type": "bytes32"},
    ]
}


@dataclass(frozen=True, slots=True)
class RootDomain:
    """Where a signed root is good for: chain id and registry contract, a lower-case address."""

    chain_id: int
    registry: str

    def __post_init__(self) -> None:
        check_address(self.registry, "root: registry")
        if not 0 < self.chain_id < WORD_LIMIT:
            raise Malformed("malformed.root", "root: chain id out of range")

    @property
    def typed(self) -> dict[str, Any]:
        """EIP-712 domain of the registry."""
        return {
            "name": "Tierproof",
            "version": "2",
            "chainId": self.chain_id,
            "verifyingContract": self.registry,
        }


@dataclass(frozen=True, slots=True)
class Root:
    """
    What attestors sign; Malformed (`malformed.root`) for a number out of range.

    Attributes
    ----------
    root : of the tree of leaves, in [1, r)
    attestor_set : 32 bytes, not zero
    generation : of the set that signs, from 1, in 32 bits
    first_day, last_day : days since 1970-01-01 UTC, both inside the window
    valid_until : seconds since 1970, inclusive
    feed : digest of the window's market feed, in [1, r); `NO_FEED` without one
    rules : of the files by which the logs were made (`policies.rule_files`), 32 bytes, not zero
    """

    root: int
    attestor_set: bytes
    generation: int
    first_day: int
    last_day: int
    valid_until: int
    feed: int = NO_FEED
    rules: bytes = NO_FILES.rules

    def __post_init__(self) -> None:
        if len(self.attestor_set) != 32 or not any(self.attestor_set):
            raise Malformed("malformed.root", "root: attestor_set is not 32 bytes, or zero")
        if len(self.rules) != 32:
            raise Malformed("malformed.root", "root: rules is not 32 bytes")
        check(ROOT_RULES, self, "root")

    def check_submittable(self) -> None:
        """
        Refused (`refused.root_submission`) for a window, or a time to count, that no registry
        takes.
        """
        check(SUBMISSION_RULES, self, "root")

    def message(self, domain: RootDomain) -> TypedMessage:
        """What attestors sign; its `digest` is the contract's `rootDigest`."""
        return typed_message(*self._parts(domain))

    def document(self, domain: RootDomain) -> dict[str, Any]:
        """The same as a signer that shows what it signs takes it, JSON values."""
        return typed_document(*self._parts(domain))

    def _parts(self, domain: RootDomain) -> tuple[dict[str, Any], Types, dict[str, Any]]:
        names = [field["name"] for field in TYPES["Root"]]
        return domain.typed, TYPES, dict(zip(names, self.as_tuple(), strict=True))

    def as_tuple(self) -> tuple[int, bytes, int, int, int, int, int, bytes]:
        """As the registry's ABI takes it."""
        return (
            self.root,
            self.attestor_set,
            self.generation,
            self.first_day,
            self.last_day,
            self.valid_until,
            self.feed,
            self.rules,
        )
