"""
A signed root is revoked, so another may be signed for its set, window and registry
(docs/explanation/attestation.md 9.3).
"""

from __future__ import annotations

from pathlib import Path

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from contracts.client.registry import RegistryClient
from tierproof.attesting import claimed
from tierproof.documents import RootFile
from tierproof.signing.journal import EVIDENCE_LENGTH, REVOKED, Entry, Journal
from tierproof.verification import now as clock


def require_registry(client: RegistryClient, root: RootFile) -> None:
    """Refused (`refused.root.registry`) unless a root was signed for this registry and chain."""
    chain_id, registry = client.chain.chain_id, client.address.lower()
    if (root.domain.chain_id, root.domain.registry) != (chain_id, registry):
        raise Refused(
            "refused.root.registry",
            f"root: signed for {root.domain.registry} on chain {root.domain.chain_id}, not for "
            f"{registry} on chain {chain_id}",
        )


def revoked_on_chain(client: RegistryClient, root: RootFile) -> str:
    """
    What shows that a registry has revoked a root, in words. It is read in a block that stands as
    deep as the chain's `finality` asks: what a reorganisation takes back would free the member to
    sign a second root.

    Raises
    ------
    Refused
        `refused.root.registry`; `refused.not_revoked`: it has not.
    """
    require_registry(client, root)
    block = client.chain.settle()
    if not client.is_revoked(root.root.attestor_set, root.root.root):
        raise Refused(
            "refused.not_revoked", f"root {hex32(root.root.root)}: the registry has not revoked it"
        )
    return f"the registry {client.address} on chain {client.chain.chain_id}, at block {block}"


def revoke(path: Path, root: RootFile, evidence: str, *, now: int | None = None) -> Journal:
    """
    Enter a revocation in a member's journal.

    Parameters
    ----------
    evidence : 1 to 200 printable characters: what shows it

    Raises
    ------
    Refused
        `refused.journal.unknown`: the journal has no signature of this root;
        `refused.evidence`; `refused.busy`.
    Malformed, Unavailable
        As `Journal.load`.
    """
    if not evidence.isprintable() or not 0 < len(evidence.strip()) <= EVIDENCE_LENGTH:
        raise Refused(
            "refused.evidence", f"journal: what shows it, in 1 to {EVIDENCE_LENGTH} characters"
        )
    moment = clock() if now is None else now
    entry = Entry.of(REVOKED, moment, root.root, root.domain, evidence)
    with claimed(path):
        journal = Journal.load(path)
        journal.signed(entry.digest)
        return journal.append(entry)
