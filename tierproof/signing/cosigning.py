"""
One member signs a draft that it has made itself (docs/explanation/attestation.md 9.3).

Whoever has no inputs of his own cannot sign here: there is no way around the job.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from tierproof.attesting import claimed, draft_job
from tierproof.keys_folder import KeysFolder
from tierproof.signing.agreeing import Held, require_left_out, require_window
from tierproof.signing.comparing import differences
from tierproof.signing.cosignature import Cosignature
from tierproof.signing.draft import Draft, LeftOut
from tierproof.signing.journal import SIGNED, Entry, Journal
from tierproof.signing.signers import Signable, Signer
from tierproof.verification import now as clock


@dataclass(frozen=True, slots=True)
class Member:
    """
    Who signs, and with what of his own.

    Attributes
    ----------
    job : his statements, bindings, feed, set, window, registry and validity
    keys : setup and bases
    signer : his key
    journal : the file of what that key signed
    """

    job: Path
    keys: KeysFolder
    signer: Signer
    journal: Path


def cosign(
    draft: Draft,
    member: Member,
    *,
    now: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    show: Callable[[Draft], None] = lambda _: None,
) -> Cosignature:
    """
    Make the draft anew from the member's own inputs and, if it is the same to the byte, sign its
    root. The signature is in the journal before it is made.

    Parameters
    ----------
    now : seconds since 1970; the system's clock by default
    show : is given the draft before the key is used

    Raises
    ------
    Refused
        `refused.signer`: the key is no member's, or not that of the journal;
        `refused.draft.window`, `refused.draft.left_out`; `refused.draft.differs`: where is said,
        and in `fields["differences"]`; `refused.journal.root`, `refused.draft.changed`,
        `refused.journal.revoked`; `refused.busy`; as `tierproof.attesting.draft_job`.
    Malformed, Rejected, Unavailable
        As `draft_job`, `Journal.load` and the signer.
    """
    moment = clock() if now is None else now
    address, unsigned = member.signer.address, draft.root
    if address not in unsigned.attestor_set.members:
        raise Refused("refused.signer", f"cosign: {address} is no member of the attestor set")
    with claimed(member.journal):
        journal = Journal.load(member.journal)
        if journal.signer != address:
            raise Refused(
                "refused.signer",
                f"cosign: {member.journal.name} is the journal of {journal.signer}, not {address}",
            )
        entry = Entry.of(SIGNED, moment, unsigned.root, unsigned.domain, hex32(draft.digest))
        is_new = journal.require_free(entry)  # before minutes of work
        _require_same(draft, member, moment, progress)
        show(draft)
        if is_new:
            journal.append(entry)
        progress("signature")
        signature = member.signer.sign(
            Signable(
                unsigned.root.message(unsigned.domain), unsigned.root.document(unsigned.domain)
            )
        )
    return Cosignature(draft.digest, address, signature)


def _require_same(draft: Draft, member: Member, now: int, progress: Callable[[str], None]) -> None:
    """Refused unless the member's own inputs give this draft."""

    def decide(own: Held) -> tuple[LeftOut, ...]:
        require_left_out(draft, own)
        return draft.left_out

    own = draft_job(member.job, member.keys, now=now, progress=progress, decide=decide).draft
    if own.data == draft.data:
        return
    first, last = own.root.root.first_day, own.root.root.last_day
    require_window(draft, first, last)
    found = [each.text("the draft", "own inputs") for each in differences(draft, own)]
    raise Refused(
        "refused.draft.differs",
        "\n".join(["cosign: own inputs give another draft:", *(f"  {each}" for each in found)]),
        differences=found,
    )
