"""
Whether a log is whole: each entry is one, each checkpoint is signed and is of these entries.

Who holds database and signing key can write another log and sign it. So it counts up to where
somebody else has seen it: witnesses, a chain, or whoever kept a checkpoint of his own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from algebra.errors import Malformed, Rejected
from service.audit.checkpoint import Checkpoint, Witnesses
from service.audit.entries import Entry
from service.audit.merkle import Growing, leaf_hash
from service.audit.note import Note, NoteKey
from service.audit.snapshot import Head, Snapshot


@dataclass(frozen=True, slots=True)
class Report:
    """
    Up to where a log that is whole can be relied on, in entries.

    Attributes
    ----------
    entries : that there are
    root : of all of them, 32 bytes
    signed : by its key
    witnessed : by as many witnesses as it takes
    known : by the checkpoints that the verifier kept himself
    """

    entries: int
    root: bytes
    signed: int
    witnessed: int
    known: int


def verify(
    log: Snapshot, key: NoteKey, witnesses: Witnesses | None = None, known: Sequence[Note] = ()
) -> Report:
    """
    Check a log.

    Parameters
    ----------
    key : of the log; its name is the log's origin
    witnesses : whose cosignatures count
    known : checkpoints of this log that the verifier has from elsewhere

    Raises
    ------
    Rejected
        `rejected.audit_entry`: one that no log of ours takes; `rejected.audit_fork`: a checkpoint
        is of other entries; `rejected.audit_cut`: one is of more entries than there are;
        `rejected.audit_checkpoint`: one is none, or smaller than the one before it;
        `rejected.note`: a signature is missing or does not hold.
    Malformed
        `malformed.note`: what was kept is no checkpoint; `malformed.note_key`: of the witnesses.
    """
    trusted = witnesses or Witnesses()
    trusted.check()
    own = [_own(note, key) for note in log.checkpoints]
    kept = [Checkpoint.signed_by(note, key) for note in known]
    for before, after in pairwise(own):
        if after.size <= before.size:
            raise Rejected(
                "rejected.audit_checkpoint",
                f"checkpoint of {after.size}: stands after that of {before.size}",
            )
    tree = _walk(log.entries, [*own, *kept])
    seen = [
        each.size
        for each, note in zip([*own, *kept], [*log.checkpoints, *known], strict=True)
        if trusted.enough(note)
    ]
    return Report(tree.size, tree.root(), _most(own), max(seen, default=0), _most(kept))


def verify_anchor(log: Snapshot, key: NoteKey, head: Head) -> int:
    """
    Up to where a chain has seen a log that `verify` found whole; 0 where nothing is anchored.

    Raises
    ------
    Rejected
        `rejected.audit_cut`: more entries were anchored than there are; `rejected.audit_anchor`:
        the log has no anchor or checkpoint of that size, or one of other entries.
    """
    if head.size == 0:
        return 0
    if head.size > len(log.entries):
        raise Rejected(
            "rejected.audit_cut",
            f"audit log: {len(log.entries)} entries, {head.size} were anchored",
        )
    own = {each.size: each for each in (Checkpoint.of(note) for note in log.checkpoints)}
    made, of = log.anchor_of(head), own.get(head.size)
    if made is None or of is None:
        raise Rejected(
            "rejected.audit_anchor", f"audit log: it does not hold the anchor of {head.size}"
        )
    if of.origin != key.name or made.digest(of) != head.digest:
        raise Rejected(
            "rejected.audit_anchor", f"audit log: another checkpoint of {head.size} was anchored"
        )
    return head.size


def _walk(entries: Sequence[bytes], checkpoints: Sequence[Checkpoint]) -> Growing:
    """The tree of all entries, compared with each checkpoint on the way."""
    roots: dict[int, set[bytes]] = {}
    for each in checkpoints:
        roots.setdefault(each.size, set()).add(each.root)
    tree, good = Growing(), 0
    for place in range(len(entries) + 1):
        if place in roots:
            if roots.pop(place) != {tree.root()}:
                raise Rejected(
                    "rejected.audit_fork",
                    f"checkpoint of {place}: of other entries than {good} .. {place - 1} are now",
                    after=good,
                )
            good = place
        if place < len(entries):
            tree.append(_leaf(place, entries[place]))
    if roots:
        raise Rejected(
            "rejected.audit_cut", f"audit log: {tree.size} entries, {max(roots)} were signed"
        )
    return tree


def _own(note: Note, key: NoteKey) -> Checkpoint:
    try:
        return Checkpoint.signed_by(note, key)
    except Malformed as error:
        raise Rejected("rejected.audit_checkpoint", f"audit log: {error.message}") from None


def _leaf(place: int, data: bytes) -> bytes:
    try:
        Entry.parse(data)
    except Malformed as error:
        raise Rejected("rejected.audit_entry", f"entry {place}: {error.message}") from None
    return leaf_hash(data)


def _most(checkpoints: Sequence[Checkpoint]) -> int:
    return max((each.size for each in checkpoints), default=0)
