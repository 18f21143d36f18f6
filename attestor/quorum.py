"""
The attestors' signatures, k of n: of a root, of a calendar (docs/explanation/attestation.md 3.2,
3.3).

Root, domain and set are `policies.signed_root`'s. The registry contract checks the same of a root:
at least k signatures, signers strictly ascending, members only. An empty list means nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from algebra.errors import Refused, Rejected
from attestor.signatures import recover, sign
from policies.signed_root import AttestorSet, Root, RootDomain
from policies.typed_data import TypedMessage

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


def sign_root(
    root: Root, domain: RootDomain, signers: Sequence[LocalAccount], attestor_set: AttestorSet
) -> tuple[bytes, ...]:
    """Signatures of a root, as `sign_as_quorum`."""
    return sign_as_quorum(root.message(domain), signers, attestor_set, "root")


def sign_as_quorum(
    message: TypedMessage, signers: Sequence[LocalAccount], attestor_set: AttestorSet, what: str
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
            "refused.quorum", f"{what}: a signer is no member of the attestor set, or stands twice"
        )
    if len(by_address) < attestor_set.threshold:
        raise Refused(
            "refused.quorum", f"{what}: {len(by_address)} signers, {attestor_set.threshold} wanted"
        )
    return tuple(sign(account, message) for _, account in sorted(by_address.items()))


def verify_quorum(
    root: Root, domain: RootDomain, signatures: Sequence[bytes], attestor_set: AttestorSet
) -> tuple[str, ...]:
    """
    Check k of n over a root; returns the signers.

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`: another set, and as `signers_of`.
    """
    if root.attestor_set != attestor_set.id:
        raise Rejected("rejected.quorum", "root: signed for another attestor set")
    return signers_of(root.message(domain), signatures, attestor_set, "root")


def signers_of(
    message: TypedMessage, signatures: Sequence[bytes], attestor_set: AttestorSet, what: str
) -> tuple[str, ...]:
    """
    Who signed, k of n; `what` is named in errors.

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`: too few, not ascending (so a signer twice), or no member.
    """
    if len(signatures) < attestor_set.threshold:
        raise Rejected(
            "rejected.quorum",
            f"{what}: {len(signatures)} signatures, {attestor_set.threshold} wanted",
        )
    signers: list[str] = []
    for index, signature in enumerate(signatures):
        signer = recover(message, signature, f"{what} signature {index}")
        if signers and signer <= signers[-1]:
            raise Rejected(
                "rejected.quorum", f"{what} signature {index}: signers are not strictly ascending"
            )
        if signer not in attestor_set.members:
            raise Rejected(
                "rejected.quorum", f"{what} signature {index}: not by a member of the attestor set"
            )
        signers.append(signer)
    return tuple(signers)
