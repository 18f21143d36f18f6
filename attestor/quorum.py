"""
Whether a quorum signed a root, k of n (docs/explanation/attestation.md 3.2). How its signatures
come together is `attestor.cosigning`'s.

Root and domain are `policies.signed_root`'s, the set is `policies.attestor_set`'s. The registry
contract checks the same: the generation that signs is the set's running one, at least k signatures,
signers strictly ascending, members only. An empty list means nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from algebra.errors import Rejected
from attestor.generations import check_handovers, signers_of
from policies.attestor_set import AttestorSet
from policies.signed_root import Root, RootDomain


def verify_quorum(
    root: Root, domain: RootDomain, signatures: Sequence[bytes], attestor_set: AttestorSet
) -> tuple[str, ...]:
    """
    Check k of n over a root; returns the signers.

    Parameters
    ----------
    attestor_set : as it was in the generation that signed

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`: another set or generation, and as `check_handovers` and `signers_of`.
    """
    if root.attestor_set != attestor_set.id:
        raise Rejected("rejected.quorum", "root: signed for another attestor set")
    if root.generation != attestor_set.generation:
        raise Rejected(
            "rejected.quorum",
            f"root: signed by generation {root.generation} of the attestor set, "
            f"shown with the members of {attestor_set.generation}",
        )
    check_handovers(attestor_set)
    return signers_of(root.message(domain), signatures, attestor_set.generations[-1], "root")
