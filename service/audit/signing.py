"""
Signing checkpoints: each extends the last one, or none is signed.

The database remembers what was signed, and so does a file beside the key: a database that was put
back from an old backup has forgotten, and would have two logs signed.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from algebra.errors import Refused, Rejected
from service.audit.checkpoint import Checkpoint, cosigned
from service.audit.log import AuditLog
from service.audit.merkle import Growing
from service.audit.note import Note, NoteKey, NoteSigner
from service.audit.stored import entries
from service.audit.tables import CheckpointRow


def last_checkpoint(session: Session) -> Note | None:
    """The note of the largest checkpoint in the database."""
    row = session.scalar(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1))
    return None if row is None else Note.parse(row.note.encode())


def sign(session: Session, signer: NoteSigner, remembered: Note | None) -> Note:
    """
    The checkpoint of the log as it is, kept in the database; the last one where nothing was added.

    Parameters
    ----------
    session : in a transaction, whose commit is the caller's, after it has remembered the note
    remembered : the last note that the key signed, from outside the database

    Raises
    ------
    Refused
        `refused.audit_fork`: the log does not extend what was signed before;
        `refused.audit_empty`: there is no entry.
    Rejected
        `rejected.audit_*`: the database's rows do not belong together; `rejected.note`: what was
        remembered is another key's.
    """
    log, known = AuditLog(session), [last_checkpoint(session), remembered]
    signed = {Checkpoint.signed_by(note, signer.public): note for note in known if note is not None}
    size = log.size()
    for each in signed:
        if each.size > size or log.root(each.size) != each.root:
            raise Refused(
                "refused.audit_fork",
                f"audit log: its {size} entries do not extend the {each.size} that were signed",
                signed=each.size,
            )
    if size == 0:
        raise Refused("refused.audit_empty", "audit log: there is no entry to sign")
    last = max(signed, key=lambda each: each.size, default=None)
    if last is not None and last.size == size:
        return _kept(session, size, signed[last])
    root = _root(session, log, 0 if last is None else last.size, size)
    return _kept(session, size, signer.sign(Checkpoint(signer.name, size, root).text()))


def cosign(session: Session, answer: Note, witnesses: tuple[NoteKey, ...]) -> Note:
    """
    Keep what witnesses answered for the last checkpoint; the note with it.

    Raises
    ------
    Refused
        `refused.audit_empty`: none was signed.
    Rejected
        `rejected.note`: of another checkpoint, or no cosignature that holds by a named witness.
    """
    note = last_checkpoint(session)
    if note is None:
        raise Refused("refused.audit_empty", "audit log: no checkpoint was signed")
    out = cosigned(note, answer, witnesses)
    row = session.get_one(CheckpointRow, Checkpoint.of(note).size, with_for_update=True)
    row.note = str(Note.parse(row.note.encode()).with_signatures(out.signatures))
    return out


def _root(session: Session, log: AuditLog, old: int, size: int) -> bytes:
    """The root by the entries' own texts since the last checkpoint, and by every node of them."""
    tree, whole = Growing.of(old, log.node), True
    for leaf in entries(session, old, size):
        for level, index, digest in tree.append(leaf.hash):
            whole = whole and log.node(level, index) == digest
    if not whole or tree.size != size:
        raise Rejected("rejected.audit_node", "audit log: its nodes are not those of its entries")
    return tree.root()


def _kept(session: Session, size: int, note: Note) -> Note:
    """In the database, where another process may have put the same, and more signatures."""
    found = session.get(CheckpointRow, size)
    if found is None:
        try:
            with session.begin_nested():
                session.add(CheckpointRow(size=size, note=str(note)))
        except IntegrityError:
            found = session.get_one(CheckpointRow, size, populate_existing=True)
    return note if found is None else Note.parse(found.note.encode())
