"""
The attestors' signatures of a root: k of n (docs/explanation/attestation.md 3.2).

    Root{root, attestorSet, firstDay, lastDay, validUntil}
    domain: "Tierproof", "1", chain id, registry contract

The registry contract checks the same: at least k signatures, signers strictly ascending, members
only. An empty list means nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from algebra.errors import Malformed, Refused, Rejected
from algebra.interface import R
from attestor.signatures import check_address, recover, sign, typed_message

MAX_MEMBERS = 64
"""As the registry contract."""
TYPES = {
    "Root": [
        {"name": "root", "type": "uint256"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "firstDay", "type": "uint32"},
        {"name": "lastDay", "type": "uint32"},
        {"name": "validUntil", "type": "uint64"},
    ]
}


@dataclass(frozen=True, slots=True)
class AttestorSet:
    """Addresses, lower case and ascending, of which `threshold` must sign."""

    members: tuple[str, ...]
    threshold: int

    def __post_init__(self) -> None:
        for member in self.members:
            check_address(member, "attestor set: member")
        if not 0 < len(self.members) <= MAX_MEMBERS or list(self.members) != sorted(
            set(self.members)
        ):
            raise Malformed(
                "malformed.attestor_set", f"attestor set: 1..{MAX_MEMBERS} ascending members wanted"
            )
        if not 0 < self.threshold <= len(self.members):
            raise Malformed(
                "malformed.attestor_set", "attestor set: the threshold is not in 1..members"
            )

    @classmethod
    def of(cls, members: Sequence[str], threshold: int) -> AttestorSet:
        """From addresses in any order and case."""
        return cls(tuple(sorted(member.lower() for member in members)), threshold)

    @property
    def id(self) -> bytes:
        """keccak256(abi.encode(address[] members, uint256 threshold)), 32 bytes."""
        return keccak(encode(["address[]", "uint256"], [list(self.members), self.threshold]))


@dataclass(frozen=True, slots=True)
class RootDomain:
    """Where a signed root is good for: chain id and registry contract."""

    chain_id: int
    registry: str

    def __post_init__(self) -> None:
        check_address(self.registry, "root: registry")
        if not 0 < self.chain_id < 1 << 256:
            raise Malformed("malformed.root", "root: chain id out of range")


@dataclass(frozen=True, slots=True)
class Root:
    """What attestors sign; days since 1970-01-01 UTC, `valid_until` in seconds since 1970."""

    root: int
    attestor_set: bytes
    first_day: int
    last_day: int
    valid_until: int

    def __post_init__(self) -> None:
        if not 0 < self.root < R or len(self.attestor_set) != 32:
            raise Malformed("malformed.root", "root: root or attestor set out of range")
        if (
            not 0 <= self.first_day <= self.last_day < 1 << 24
            or not 0 <= self.valid_until < 1 << 64
        ):
            raise Malformed("malformed.root", "root: days or validity out of range")

    def message(self, domain: RootDomain) -> Any:
        """The EIP-712 message."""
        return typed_message(
            {
                "name": "Tierproof",
                "version": "1",
                "chainId": domain.chain_id,
                "verifyingContract": domain.registry,
            },
            TYPES,
            {
                "root": self.root,
                "attestorSet": self.attestor_set,
                "firstDay": self.first_day,
                "lastDay": self.last_day,
                "validUntil": self.valid_until,
            },
        )


def sign_root(
    root: Root, domain: RootDomain, signers: Sequence[LocalAccount], attestor_set: AttestorSet
) -> tuple[bytes, ...]:
    """
    Signatures of the signers, ascending by address as the contract wants them.

    Raises
    ------
    Refused
        `refused.quorum`: a signer who is no member, one twice, or fewer than the threshold.
    """
    by_address = {account.address.lower(): account for account in signers}
    if len(by_address) != len(signers) or not set(by_address) <= set(attestor_set.members):
        raise Refused(
            "refused.quorum", "root: a signer is no member of the attestor set, or stands twice"
        )
    if len(by_address) < attestor_set.threshold:
        raise Refused(
            "refused.quorum", f"root: {len(by_address)} signers, {attestor_set.threshold} wanted"
        )
    message = root.message(domain)
    return tuple(sign(account, message) for _, account in sorted(by_address.items()))


def verify_quorum(
    root: Root, domain: RootDomain, signatures: Sequence[bytes], attestor_set: AttestorSet
) -> tuple[str, ...]:
    """
    Check k of n; returns the signers.

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`: another set, too few, not ascending (so a signer twice), or no member.
    """
    if root.attestor_set != attestor_set.id:
        raise Rejected("rejected.quorum", "root: signed for another attestor set")
    if len(signatures) < attestor_set.threshold:
        raise Rejected(
            "rejected.quorum",
            f"root: {len(signatures)} signatures, {attestor_set.threshold} wanted",
        )
    message = root.message(domain)
    signers: list[str] = []
    for index, signature in enumerate(signatures):
        signer = recover(message, signature, f"root signature {index}")
        if signers and signer <= signers[-1]:
            raise Rejected(
                "rejected.quorum", f"root signature {index}: signers are not strictly ascending"
            )
        if signer not in attestor_set.members:
            raise Rejected(
                "rejected.quorum", f"root signature {index}: not by a member of the attestor set"
            )
        signers.append(signer)
    return tuple(signers)
