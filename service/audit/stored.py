"""The rows of the log, read as whoever may have changed them left them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from algebra.errors import Malformed, Rejected
from service.audit.entries import Entry
from service.audit.merkle import Growing, leaf_hash
from service.audit.note import Note
from service.audit.snapshot import Anchor
from service.audit.tables import AnchorRow, CheckpointRow, EntryRow, NodeRow

ROWS = 1024
"""Read at a time."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The bytes of an entry and their leaf hash."""

    data: bytes
    hash: bytes


def entries(session: Session, start: int = 0, end: int | None = None) -> Iterator[Leaf]:
    """
    Entries from `start` on, each place in its turn.

    Raises
    ------
    Rejected
        `rejected.audit_gap`: a place is missing or another stands there; `rejected.audit_entry`:
        a text is no entry, or its columns or hash are not its own.
    """
    query = select(EntryRow).order_by(EntryRow.place)
    if start:  # from the first on, also what stands before it
        query = query.where(EntryRow.place >= start)
    if end is not None:
        query = query.where(EntryRow.place < end)
    rows = session.scalars(query.execution_options(yield_per=ROWS))
    for place, row in enumerate(rows, start):
        if row.place != place:
            raise Rejected("rejected.audit_gap", f"entry {place}: missing")
        yield _leaf(place, row)


def _leaf(place: int, row: EntryRow) -> Leaf:
    try:
        data = row.text.encode("ascii")
        entry = Entry.parse(data)
    except (AttributeError, UnicodeEncodeError, Malformed) as error:
        said = error.message if isinstance(error, Malformed) else "no text in ASCII"
        raise Rejected("rejected.audit_entry", f"entry {place}: {said}") from None
    out = Leaf(data, leaf_hash(data))
    if (row.time, row.kind, row.hash) != (entry.time, entry.kind, out.hash.hex()):
        raise Rejected(
            "rejected.audit_entry", f"entry {place}: its columns do not say what its text says"
        )
    return out


def check_nodes(session: Session) -> None:
    """
    Return if the nodes are those of the entries, each of them and no other; Rejected
    (`rejected.audit_node`), and as `entries`.
    """
    tree, count = Growing(), 0
    wanted: dict[int, list[tuple[int, str]]] = {}
    for leaf in entries(session):
        for level, index, digest in tree.append(leaf.hash):
            wanted.setdefault(level, []).append((index, digest.hex()))
            count += 1
        if tree.size % ROWS == 0:
            _compare(session, wanted)
            wanted = {}
    _compare(session, wanted)
    if session.scalar(select(func.count()).select_from(NodeRow)) != count:
        raise Rejected("rejected.audit_node", "audit log: nodes that are of no entries")


def _compare(session: Session, wanted: dict[int, list[tuple[int, str]]]) -> None:
    """Those of one level that were completed together stand side by side."""
    for level, nodes in wanted.items():
        query = select(NodeRow.place, NodeRow.hash).where(
            NodeRow.level == level, NodeRow.place.between(nodes[0][0], nodes[-1][0])
        )
        if [tuple(row) for row in session.execute(query.order_by(NodeRow.place))] != nodes:
            raise Rejected(
                "rejected.audit_node",
                f"audit log: level {level}: nodes that are not of its entries",
            )


def checkpoints(session: Session) -> list[Note]:
    """Every checkpoint, by size; Rejected (`rejected.audit_checkpoint`) for one that is none."""
    out = []
    for row in session.scalars(select(CheckpointRow).order_by(CheckpointRow.size)):
        try:
            note = Note.parse(row.note.encode())
            size = note.text.split("\n")[1:2]
        except (AttributeError, UnicodeEncodeError, Malformed):
            raise _no_checkpoint(row.size) from None
        if size != [str(row.size)]:
            raise _no_checkpoint(row.size)
        out.append(note)
    return out


def anchors(session: Session) -> list[Anchor]:
    """Every anchor; Rejected (`rejected.audit_anchor`) for a row that is none."""
    order = (AnchorRow.size, AnchorRow.chain_id, AnchorRow.contract, AnchorRow.sender)
    try:
        return [
            Anchor(int(row.chain_id), row.contract, row.sender, row.size, bytes.fromhex(row.salt))
            for row in session.scalars(select(AnchorRow).order_by(*order))
        ]
    except (ValueError, TypeError, Malformed):
        raise Rejected("rejected.audit_anchor", "audit log: a row of an anchor is none") from None


def _no_checkpoint(size: object) -> Rejected:
    return Rejected(
        "rejected.audit_checkpoint", f"checkpoint of {str(size)[:20]!a}: its row holds none"
    )
