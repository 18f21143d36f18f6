"""Tables of the audit log. Plain SQL types; nothing in them is ever changed or deleted."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base

HASH = String(64)
"""SHA-256 in lower-case hexadecimal."""


class EntryRow(Base):
    """
    An entry: its place decides who was first, its text is the leaf. The other columns repeat what
    the text says, to be searched.
    """

    __tablename__ = "audit_entries"
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(HASH)


class NodeRow(Base):
    """The hash of a complete subtree of 2^level leaves, level 1 and above."""

    __tablename__ = "audit_nodes"
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(HASH)


class CheckpointRow(Base):
    """A signed checkpoint; its note gains cosignatures and loses none."""

    __tablename__ = "audit_checkpoints"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)


class AnchorRow(Base):
    """A salted hash of a checkpoint that was sent to a chain; the salt is written before."""

    __tablename__ = "audit_anchors"
    chain_id: Mapped[str] = mapped_column(String(78), primary_key=True)
    contract: Mapped[str] = mapped_column(String(42), primary_key=True)
    sender: Mapped[str] = mapped_column(String(42), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(HASH)


TABLES = [
    Base.metadata.tables[row.__tablename__] for row in (EntryRow, NodeRow, CheckpointRow, AnchorRow)
]
"""The log's tables."""
