"""The last checkpoint of an audit log, sent to a chain as a salted hash."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy.orm import Session

from algebra.errors import Refused, Rejected
from contracts.client.anchor import AuditAnchor
from contracts.client.chain import Chain, Sender
from policies.address import address
from service.audit.checkpoint import Checkpoint
from service.audit.note import NoteKey
from service.audit.signing import last_checkpoint
from service.audit.snapshot import SALT_BYTES, Anchor
from service.audit.tables import AnchorRow


def last(session: Session, key: NoteKey) -> Checkpoint:
    """The last checkpoint, signed by the log's key; Refused (`refused.audit_empty`), Rejected."""
    note = last_checkpoint(session)
    if note is None:
        raise Refused("refused.audit_empty", "audit log: no checkpoint was signed")
    return Checkpoint.signed_by(note, key)


def contract(chain: Chain, at: str | None, payer: Sender) -> AuditAnchor:
    """The contract at an address; without one, a new one."""
    return AuditAnchor.deploy(chain, sender=payer) if at is None else AuditAnchor(chain, at)


def planned(session: Session, to: AuditAnchor, payer: Sender, of: Checkpoint) -> Anchor:
    """
    The anchor of a checkpoint as the database holds it from now on: a salt is drawn once, so that a
    transaction of an earlier run, which may be on its way, stays the right one.
    """
    who = payer if isinstance(payer, str) else payer.address
    out = Anchor(
        to.chain.chain_id, to.address, address(who, "sender").lower(), of.size,
        os.urandom(SALT_BYTES),
    )  # fmt: skip
    own: dict[str, Any] = {
        "chain_id": str(out.chain_id), "contract": out.contract, "sender": out.sender,
        "size": out.size,
    }  # fmt: skip
    row = session.get(AnchorRow, own)
    if row is None:
        session.add(AnchorRow(**own, salt=out.salt.hex()))
        return out
    return Anchor(out.chain_id, out.contract, out.sender, out.size, bytes.fromhex(row.salt))


def send(to: AuditAnchor, payer: Sender, what: Anchor, of: Checkpoint) -> bool:
    """
    Anchor; False where the chain holds it already.

    Raises
    ------
    Rejected
        `rejected.audit_cut`: the chain holds more entries; `rejected.audit_anchor`: another hash
        of as many; and as `AuditAnchor.anchor`.
    """
    size, digest = to.head(what.sender)
    if size > what.size:
        raise Rejected(
            "rejected.audit_cut", f"audit log: {what.size} entries are signed, {size} were anchored"
        )
    if size == what.size:
        if digest != what.digest(of):
            raise Rejected(
                "rejected.audit_anchor", f"audit log: another checkpoint of {size} was anchored"
            )
        return False
    to.anchor(what.size, what.digest(of), sender=payer)
    return True
