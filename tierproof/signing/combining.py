"""
Members' signatures of one draft become the signed root and the attestations
(docs/explanation/attestation.md 9.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from algebra.errors import Refused
from attestor.attest import signed
from attestor.attestation import Attestation
from attestor.attestation import load as load_attestation
from attestor.cosigning import in_order
from attestor.signatures import recover
from attestor.tree import verify_path
from tierproof.attested_folder import Attested, attestation_name, write_attestations
from tierproof.signing.cosignature import Cosignature
from tierproof.signing.draft import Draft, DraftOwner


def combine(folder: Path, cosignatures: Sequence[Cosignature], out: Path) -> Attested:
    """
    Write the signed root and the attestations of a draft's owners.

    Parameters
    ----------
    folder : as `tierproof draft` wrote it: the draft and the logs of its owners
    cosignatures : of this draft, of different members, in any order
    out : folder to make, or an empty one

    Raises
    ------
    Refused
        `refused.cosignature`: of another draft, or not by the signer that it names;
        `refused.quorum`: a member twice, a stranger, too few; `refused.draft.logs`: a log beside
        the draft that is not its owner's; `refused.used_folder`.
    Malformed, Rejected, Unavailable
        As the files' loaders; `rejected.path`, `rejected.signature`.
    """
    draft = Draft.load(folder)
    unsigned = draft.root
    message = unsigned.root.message(unsigned.domain)
    for each in cosignatures:
        if each.draft != draft.digest:
            raise Refused(
                "refused.cosignature",
                f"combine: {each.signer} signed another draft",
            )
        if recover(message, each.signature, f"signature of {each.signer}") != each.signer:
            raise Refused(
                "refused.cosignature", f"combine: the signature is not by {each.signer}, as it says"
            )
    signatures = in_order(
        message, [each.signature for each in cosignatures], unsigned.attestor_set, "combine"
    )
    logs = [_log(draft, owner, at, folder) for at, owner in enumerate(draft.owners)]
    return write_attestations(signed(logs, signatures), out)


def _log(draft: Draft, owner: DraftOwner, at: int, folder: Path) -> Attestation:
    """The attestation of the owner whose leaf is number `at`, without signatures."""
    path = folder / attestation_name(owner.consent_key)
    made, root = load_attestation(path), draft.root
    said = (made.leaf.digest(), made.index, made.signed_root, made.attestor_set, made.domain)
    if said != (owner.leaf, at, root.root, root.attestor_set, root.domain) or made.signatures:
        raise Refused(
            "refused.draft.logs", f"{path.name}: it is not the log of its owner in this draft"
        )
    verify_path(made.root, owner.leaf, at, made.path)
    return made
