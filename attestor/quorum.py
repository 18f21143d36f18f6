"""
The attestors' signatures of a root: k of n (docs/explanation/attestation.md 3.2).

The root, its domain and the set are `policies.signed_root`'s. The registry contract checks the
same: at least k signatures, signers strictly ascending, members only. An empty list means nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from algebra.errors import Refused, Rejected
from attestor.signatures import recover, sign
from policies.signed_root import AttestorSet, Root, RootDomain

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


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
