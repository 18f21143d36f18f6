"""
What a registry said, as webhooks: grants that somebody ended, and moves that were announced. The
follower calls `tell` in the transaction in which it takes the event in.

They are told as the head has them: a move leaves its holder 72 hours, so none is spent on waiting
for finality. A block that a reorganisation takes back has told too much, and never too little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from algebra.hexadecimal import hex20, hex32
from algebra.keccak import keccak
from service.webhooks.events import Event, GrantEnded, MoveAnnounced, Why
from service.webhooks.outbox import emit
from service.webhooks.queue import DAY
from service.webhooks.sweep import LOOK_BACK_DAYS

WORD = 32
ENDED = keccak(b"GrantEnded(address,uint56,uint8)")
ANNOUNCED = keccak(b"MoveAnnounced(bytes32,uint256,address,uint32,uint16)")
WHYS: tuple[Why, ...] = ("moved", "replaced", "relinquished", "retired", "revoked")
"""`Why` of contracts/src/grants/Types.sol, in its order."""


@dataclass(frozen=True, slots=True)
class Log:
    """
    An event of the registry.

    Attributes
    ----------
    time : of its block, seconds since 1970
    topics : 32 bytes each, one after the other, that of the signature first
    data : the words that are not indexed
    """

    time: int
    topics: bytes
    data: bytes

    def topic(self, index: int) -> bytes:
        """One topic; the first is 0."""
        return self.topics[WORD * index : WORD * (index + 1)]

    def word(self, index: int) -> int:
        """One word of the data."""
        return int.from_bytes(self.data[WORD * index : WORD * (index + 1)])


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a subject is: the words of its series, its nullifier and its last policy."""

    series: bytes
    nullifier: int
    policy_id: bytes


OwnerOf = Callable[[str, int], Owner | None]
"""By account, in lower case, and subject, as the state had them when a grant ended."""


def event_of(log: Log, owner_of: OwnerOf) -> Event | None:
    """What is told of a log; None for one that nobody is told of."""
    kind = log.topic(0)
    if kind == ANNOUNCED:
        series, nullifier = (hex32(log.topic(index)) for index in (1, 2))
        moves = MoveAnnounced(nullifier=nullifier, series=series, contest_until=log.word(0))
        return Event(log.time, moves)
    if kind != ENDED:
        return None
    owner = owner_of(hex20(log.topic(1)[12:]), log.word(0))
    if owner is None:
        return None
    ended = GrantEnded(
        nullifier=hex32(owner.nullifier),
        series=hex32(owner.series),
        policy_id=hex32(owner.policy_id),
        why=WHYS[log.word(1)],
    )
    return Event(log.time, ended)


def tell(session: Session, log: Log, owner_of: OwnerOf, now: int) -> int:
    """
    Tell a log to the addresses that asked for its kind; how many are told.

    What is days old is not news: a follower that begins anew reads all that ever was.
    """
    if log.time < now - LOOK_BACK_DAYS * DAY:
        return 0
    event = event_of(log, owner_of)
    return 0 if event is None else emit(session, event, now=now)
