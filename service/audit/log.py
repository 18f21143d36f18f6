"""
The log in the service's database: entries are appended inside the caller's transaction, so that
what happened and its entry are written together or not at all.

The primary key decides who has a place, as it does for credentials (docs/decisions/0002).
Appending reads and writes two rows on average, a proof O(log n).
"""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from algebra.errors import Rejected, Unavailable
from service.audit import merkle
from service.audit.entries import Entry
from service.audit.tables import EntryRow, NodeRow

TRIES = 1000
"""Places that are tried; each that is taken was another writer's success."""


class AuditLog:
    """
    The log as one transaction sees it.

    Parameters
    ----------
    session : in a transaction, whose commit is the caller's. Let `append` be its last act: where
        others wait for the same place, a lock taken after it could be theirs.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def size(self) -> int:
        """Number of entries."""
        last = self._session.scalar(select(func.max(EntryRow.place)))
        return 0 if last is None else last + 1

    def append(self, entry: Entry) -> int:
        """
        Add an entry at the end; returns its place.

        Raises
        ------
        Unavailable
            `unavailable.audit_busy`: other writers took a thousand places first.
        Rejected
            `rejected.audit_node`: the database has lost part of the tree.
        """
        self._session.flush()  # what the caller has added must not fail in here
        self._begin()
        for _ in range(TRIES):
            place = self._next()
            try:
                with self._session.begin_nested():
                    self._write(place, entry)
                return place
            except IntegrityError:
                continue
        raise Unavailable("unavailable.audit_busy", "audit log: other writers were always first")

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, as `merkle.Node`; `rejected.audit_node` if it is lost."""
        row: EntryRow | NodeRow | None
        if level == 0:
            row = self._session.get(EntryRow, index)
        else:
            row = self._session.get(NodeRow, (level, index))
        if row is None:
            raise Rejected("rejected.audit_node", f"audit log: node {index} of level {level}: lost")
        return bytes.fromhex(row.hash)

    def root(self, size: int) -> bytes:
        """Root of the first `size` entries."""
        return merkle.root_of(size, self.node)

    def inclusion_proof(self, place: int, size: int) -> list[bytes]:
        """As `merkle.inclusion_proof`."""
        return merkle.inclusion_proof(place, size, self.node)

    def consistency_proof(self, old: int, size: int) -> list[bytes]:
        """As `merkle.consistency_proof`."""
        return merkle.consistency_proof(old, size, self.node)

    def _next(self) -> int:
        """
        The next place. Where the database locks rows, writers stand in line at the last entry and
        few of them lose; who has waited finds another last one, and asks again.
        """
        newest = select(EntryRow.place).order_by(EntryRow.place.desc()).limit(1).with_for_update()
        while True:
            last = self._session.scalar(newest)
            size = self.size()
            if last is None or size == last + 1:
                return size

    def _write(self, place: int, entry: Entry) -> None:
        data = entry.encode()
        leaf = merkle.leaf_hash(data)
        self._session.add(
            EntryRow(place=place, time=entry.time, kind=entry.kind, text=data.decode("ascii"),
                     hash=leaf.hex())
        )  # fmt: skip
        self._session.add_all(
            NodeRow(level=level, place=index, hash=digest.hex())
            for level, index, digest in merkle.completed(place, leaf, self.node)
        )
        self._session.flush()

    def _begin(self) -> None:
        """
        SQLite's driver begins a transaction at the first change alone: without one the savepoint
        would be the transaction, and its release the commit.
        """
        connection = self._session.connection()
        driver = connection.connection.driver_connection
        if connection.dialect.name == "sqlite" and not getattr(driver, "in_transaction", True):
            connection.execute(text("BEGIN IMMEDIATE"))
