"""
The state after a restore. An old backup has forgotten whom the service accepted since: nothing is
accepted until the audit log is shown to extend what was signed, kept elsewhere or anchored.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from algebra.errors import Refused, Unavailable
from service.audit.database import whole
from service.audit.log import AuditLog
from service.audit.note import Note, NoteKey
from service.audit.snapshot import Head
from service.audit.verification import Report, verify, verify_anchor
from service.operations.tables import ONLY, RestoredRow


def mark(session: Session, now: int) -> None:
    """From this transaction on nothing is accepted; a database that was marked stays so."""
    if session.get(RestoredRow, ONLY) is None:
        session.add(RestoredRow(only=ONLY, at=now, entries=AuditLog(session).size()))


def require_released(session: Session) -> None:
    """Unavailable (`unavailable.restored`) for a database that was put back."""
    if session.get(RestoredRow, ONLY) is not None:
        raise Unavailable(
            "unavailable.restored", "the database was put back from a backup: nothing is accepted"
        )


def release(
    session: Session, key: NoteKey, kept: Sequence[Note], head: Head | None = None
) -> Report:
    """
    Accept again, once the log extends what others have of it.

    Parameters
    ----------
    key : of the log
    kept : checkpoints from outside the database, the last that was signed among them
    head : what a chain holds of the log

    Raises
    ------
    Refused
        `usage.resume`: there is nothing to compare with; `refused.not_restored`.
    Rejected, Malformed
        As `service.audit.verification`: `rejected.audit_cut` where the backup is older than a
        checkpoint.
    """
    row = session.get(RestoredRow, ONLY)
    if row is None:
        raise Refused("refused.not_restored", "database: it was not put back from a backup")
    if not kept and (head is None or head.size == 0):
        raise Refused("usage.resume", "give the last checkpoint that was signed, or --anchor")
    log = whole(session)
    report = verify(log, key, known=kept)
    if head is not None:
        verify_anchor(log, key, head)
    session.delete(row)
    return report
