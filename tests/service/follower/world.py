"""Databases and followers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from service.follower.follower import Follower
from service.follower.settings import FollowerSettings
from service.follower.state import FollowedState
from service.follower.tables import OWN, TABLES, BlockRow, EventRow, FollowedRow
from service.store.base import Base
from tests.service.follower.fake_chain import FakeChain
from tests.service.follower.life import recorded


class Memory:
    """A database as `service.store.database.Database` is one; `now` is the test's."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.now = 1_700_000_000
        self.engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        Base.metadata.create_all(self.engine, TABLES)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def state(self) -> Iterator[FollowedState]:
        with self.reading() as session:
            yield FollowedState(session)


def follower(
    chain: FakeChain, database: Any, tell: Any = lambda _: None, **settings: Any
) -> Follower:
    """Of the recorded life's registry."""
    return Follower(database, chain, recorded().contracts, FollowerSettings(**settings), tell)


APART = {
    FollowedRow: ("events", "rewinds", "told_number", "told_time", "asked_at", "trouble", "said"),
    EventRow: ("place",),
}
"""What two followers of one chain may hold apart: how they got there."""


def held(database: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All that the tables hold of the chain."""
    out = {}
    with database.reading() as session:
        for kind in OWN:
            names = [c.key for c in kind.__table__.columns if c.key not in APART.get(kind, ())]
            keys = kind.__table__.primary_key
            rows = session.scalars(select(kind).order_by(*keys))
            out[kind.__tablename__] = [tuple(getattr(row, n) for n in names) for row in rows]
    return out


def kept_blocks(database: Any) -> list[int]:
    """Numbers of the blocks that are kept."""
    with database.reading() as session:
        return list(session.scalars(select(BlockRow.number).order_by(BlockRow.number)))
