"""What an operator registers, with the checks that need more than a database."""

from __future__ import annotations

from collections.abc import Sequence

from attestor.quorum import verify_quorum
from attestor.root_file import RootFile
from policies.signed_root import Root, RootDomain
from service.store.store import Store


def register_root(store: Store, root: RootFile) -> None:
    """
    Put one root into the store; its quorum is checked against the set whose id the policies name.

    Raises
    ------
    Rejected
        `rejected.quorum`.
    Malformed
        `malformed.signature`.
    Refused
        As `Store.register_root`.
    """

    def quorum(signed: Root, domain: RootDomain, signatures: Sequence[bytes]) -> None:
        verify_quorum(signed, domain, signatures, root.attestor_set)

    store.register_root(
        root.root, root.signatures, domain=root.domain, quorum=quorum, files=root.files
    )
