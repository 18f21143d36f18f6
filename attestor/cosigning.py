"""
Signatures of members brought together, k of n: of a root, of a calendar
(docs/explanation/attestation.md 3.2, 3.3).

Each member signs where his key is; whoever has enough of them orders them as the contract wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from algebra.errors import Refused
from attestor.signatures import recover, sign
from policies.attestor_set import AttestorSet
from policies.signed_root import Root, RootDomain
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
    """Signatures of signers whose keys this process holds, as `in_order`."""
    return in_order(message, (sign(signer, message) for signer in signers), attestor_set, what)


def in_order(
    message: TypedMessage, signatures: Iterable[bytes], attestor_set: AttestorSet, what: str
) -> tuple[bytes, ...]:
    """
    Signatures in any order, ascending by signer as the contract wants them, all that were given.

    Raises
    ------
    Malformed, Rejected
        `malformed.signature`, `rejected.signature`.
    Refused
        `refused.quorum`: a signer who is no member, one twice, or fewer than the threshold.
    """
    by_signer = signed_by(message, signatures, attestor_set, what)
    if len(by_signer) < attestor_set.threshold:
        raise Refused(
            "refused.quorum",
            f"{what}: {len(by_signer)} signers, {attestor_set.threshold} wanted",
        )
    return tuple(by_signer.values())


def signed_by(
    message: TypedMessage, signatures: Iterable[bytes], attestor_set: AttestorSet, what: str
) -> dict[str, bytes]:
    """Distinct members with their signatures, ascending; as `in_order`, but any number of them."""
    found: dict[str, bytes] = {}
    for index, signature in enumerate(signatures):
        signer = recover(message, signature, f"{what} signature {index}")
        if signer not in attestor_set.members:
            raise Refused("refused.quorum", f"{what}: {signer} is no member of the attestor set")
        if signer in found:
            raise Refused("refused.quorum", f"{what}: {signer} signs twice")
        found[signer] = signature
    return dict(sorted(found.items()))
