"""
Versions of rows: what a block says is written, what came after one is forgotten.

A version holds from its block on and before the next one's. Writing closes the last version and
opens another, in the same block it changes its own. So what was written in blocks up to B alone
decides the state after B: forgetting the versions of later blocks, and opening again what they
closed, gives back the rows as they were, whatever the later blocks said and however often.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from service.follower.tables import (
    NOWHERE,
    OPEN,
    TABLES,
    VERSIONED,
    BlockRow,
    EventRow,
    FollowedRow,
    Versioned,
)

R = TypeVar("R", bound=Versioned)


class Rows:
    """
    The rows after the last block that was written; `block` is the one that writes now.

    Parameters
    ----------
    session : in a transaction, whose commit is the caller's
    """

    def __init__(self, session: Session, block: int = 0) -> None:
        self._session, self.block = session, block

    def find(self, kind: type[R], /, **key: Any) -> R | None:
        """The row of a key, or of some columns that tell one; None if there is none."""
        return self._session.scalars(
            select(kind).filter_by(**key, before_block=OPEN).limit(1)
        ).one_or_none()

    def of(self, kind: type[R], /, **key: Any) -> R:
        """The row of a key; all zero, and not in the database, if there is none."""
        return self.find(kind, **key) or kind(**key)

    def all(self, kind: type[R], /, **some: Any) -> list[R]:
        """Every row with these values, by their keys."""
        query = select(kind).filter_by(**some, before_block=OPEN)
        return list(self._session.scalars(query.order_by(*kind.__table__.primary_key)))

    def count(self, kind: type[R]) -> int:
        """How many there are."""
        query = select(func.count()).select_from(kind).filter_by(before_block=OPEN)
        return int(self._session.scalar(query) or 0)

    def put(self, kind: type[R], key: dict[str, Any], /, **values: Any) -> R:
        """From this block on the row of a key says this; what is not given it says as before."""
        row = self.find(kind, **key)
        if row is None or row.from_block != self.block:
            held = {**key} if row is None else row.values()
            if row is not None:
                row.before_block = self.block
            row = kind(**{**held, **values}, from_block=self.block, before_block=OPEN)
            self._session.add(row)
        else:
            for name, value in values.items():
                setattr(row, name, value)
        self._session.flush()
        return row


def rewind(session: Session, block: int) -> None:
    """Forget everything that came after a block."""
    session.execute(delete(BlockRow).where(BlockRow.number > block))
    session.execute(delete(EventRow).where(EventRow.block > block))
    for kind in VERSIONED:
        session.execute(delete(kind).where(kind.from_block > block))
        session.execute(
            update(kind)
            .where(kind.before_block > block, kind.before_block < OPEN)
            .values(before_block=OPEN)
        )
    session.expire_all()


def forget_before(session: Session, block: int) -> None:
    """Forget blocks and versions of rows that were over at a final block: nobody asks for them."""
    session.execute(delete(BlockRow).where(BlockRow.number < block))
    for kind in VERSIONED:
        session.execute(delete(kind).where(kind.before_block <= block))


def forget_all(session: Session) -> None:
    """
    Forget what is followed, to read it anew from the chain's first block. Events get later places
    than before.
    """
    for table in TABLES:
        if table is not FollowedRow.__table__:
            session.execute(delete(table))
    row = session.get(FollowedRow, 1)
    if row is not None:
        row.head = row.final = NOWHERE
        row.trouble = row.said = ""
    session.flush()
    session.expire_all()
