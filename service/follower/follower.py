"""
Follows a registry: reads what a node says and keeps it, one transaction a step
(docs/explanation/follower.md).

A step looks for the last block that node and tables share, and takes the blocks after it. What the
tables hold beyond it is forgotten in the transaction that writes the new blocks, so that no reader
sees the one without the other. Killed at any point it has done the step or not, and the next one
begins with the tables alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Refused, TierproofError, Unavailable
from contracts.client.blocks import Block
from contracts.client.logs import Events, Log
from policies.place import Place
from service.follower.applying import AuthorityBook, Book, Event
from service.follower.node import Asking, Moved, Node, Stretch, Told
from service.follower.rows import Rows, forget_before, rewind
from service.follower.settings import FollowerSettings
from service.follower.tables import NOWHERE, BlockRow, EventRow, FollowedRow

FORKED = "refused.follower_forked"


class Transactions(Protocol):
    """As `service.store.database.Database`."""

    @property
    def now(self) -> int:
        """Seconds since 1970 by the service's clock."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session that reads one state."""

    def writing(self) -> AbstractContextManager[Session]:
        """A session in the one transaction that writes."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """
    What is followed.

    Attributes
    ----------
    place : the registry's
    authority : its address, lower-case
    registry_events, authority_events : by their artifacts
    """

    place: Place
    authority: str
    registry_events: Events
    authority_events: Events

    def read(self, log: Log, time: int) -> Event:
        """A log as an event; `unavailable.node` for one that neither contract says."""
        of = self.authority_events if log.address == self.authority else self.registry_events
        name, arguments = of.read(log.topics, log.data)
        return Event(log.block, log.index, time, log.address, name, arguments)

    def arguments(self, row: EventRow) -> dict[str, Any]:
        """Arguments of an event that is kept, by the ABI's names."""
        topics = [row.topics[start : start + 32] for start in range(0, len(row.topics), 32)]
        of = self.authority_events if row.address == self.authority else self.registry_events
        return of.read(topics, row.data)[1]


@dataclass(frozen=True, slots=True)
class Step:
    """
    What a step did.

    Attributes
    ----------
    head, final : numbers of the blocks, after it
    told : the node's head
    events : that were read
    rewound : blocks that were forgotten
    """

    head: int
    final: int
    told: int
    events: int = 0
    rewound: int = 0

    @property
    def more(self) -> bool:
        """Whether the node has told of later blocks."""
        return self.head < self.told


@dataclass(frozen=True, slots=True)
class _Known:
    """What the tables hold before a step."""

    head: Block
    final: Block
    hashes: dict[int, str]


class Follower:
    """
    Parameters
    ----------
    database : with the follower's tables; several followers may share it
    node : whose word is taken
    contracts : what is followed
    settings : as they are
    tell : gets each step, and each trouble once
    """

    def __init__(
        self,
        database: Transactions,
        node: Node,
        contracts: Contracts,
        settings: FollowerSettings,
        tell: Callable[[Step | TierproofError], None] = lambda _: None,
    ) -> None:
        self._database, self._contracts, self._settings = database, contracts, settings
        self._asking = Asking(node, contracts.place.chain_id, settings)
        self._tell = tell
        self._trouble = ""

    async def run(self) -> None:
        """
        Step after step, until it is cancelled; a step that has begun is finished. Troubles are kept
        in the tables and told, and do not end it: the node may come back.
        """
        while True:
            more = False
            try:
                step = await _finished(asyncio.to_thread(self.step))
                more = step.more
            except TierproofError:
                pass  # told, and kept, by `step`
            await asyncio.sleep(0 if more else self._settings.poll_seconds)

    def step(self) -> Step:
        """
        Read what comes next, and keep it.

        Raises
        ------
        Refused
            `refused.follower_forked`: the node's chain leaves ours below the last final block; it
            stays so until a person acts. `refused.follower_chain`, `refused.follower_other`,
            `refused.follower_events`, `refused.finalized`.
        Unavailable
            `unavailable.node`: it does not answer, answers nothing of use or with older blocks than
            before; `unavailable.database`.
        """
        try:
            step = self._step()
        except TierproofError as error:
            self._in_trouble(error)
            raise
        self._trouble = ""
        self._tell(step)
        return step

    def catch_up(self) -> Step:
        """Steps until the node has told of no later block; the last one. Raises as `step`."""
        while (step := self.step()).more:
            pass
        return step

    # -- one step ----------------------------------------------------------------------------------
    def _step(self) -> Step:
        known = self._known()
        told = self._asking.told()
        try:
            if known is None:
                base = self._asking.before_birth(self._contracts.authority, told)
                known = _Known(base, base, {base.number: base.hash})
                self._begin(base, told)
            shared = self._shared(known, told)
            stretch = self._asking.after(shared, told)
            final = self._final(known, stretch, shared, told)
        except Moved as moved:
            raise Unavailable(
                "unavailable.node", f"the node's chain changed under the question: {moved}"
            ) from None
        return self._keep(known, shared, stretch, final, told)

    def _known(self) -> _Known | None:
        with self._database.reading() as session:
            row = session.get(FollowedRow, 1)
            if row is None:
                return None
            self._require_same(row)
            if row.trouble == FORKED:
                raise Refused("refused.follower_forked", row.said)
            if row.head == NOWHERE:
                return None
            blocks = {
                each.number: Block(each.number, each.hash, each.parent, each.time)
                for each in session.scalars(select(BlockRow))
            }
            hashes = {number: block.hash for number, block in blocks.items()}
            return _Known(blocks[row.head], blocks[row.final], hashes)

    def _require_same(self, row: FollowedRow) -> None:
        if not self._same(row):
            raise Refused(
                "refused.follower_other",
                f"the database follows registry {row.contract} on chain {row.chain_id}",
            )

    def _same(self, row: FollowedRow) -> bool:
        place, authority = self._contracts.place, self._contracts.authority
        followed = (row.chain_id, row.contract, row.authority)
        return followed == (place.chain_id, place.registry, authority)

    def _shared(self, known: _Known, told: Told) -> Block:
        """
        The last block that tables and node share.

        Raises
        ------
        Refused
            `refused.follower_forked`: none from the last final one on.
        Unavailable
            `unavailable.node`: the node has not got as far as we have.
        """
        if self._asking.at(known.final.number).hash != known.final.hash:
            raise Refused(
                "refused.follower_forked",
                f"block {known.final.number} was final as {known.final.hash} and is another one on "
                "the node's chain",
            )
        for number in range(min(known.head.number, told.head.number), known.final.number, -1):
            block = told.head if number == told.head.number else self._asking.at(number)
            if known.hashes.get(number) == block.hash:
                if number == told.head.number < known.head.number:
                    raise _older(told, known)
                return block
        if known.head.number > known.final.number == told.head.number:
            raise _older(told, known)
        return known.final

    def _final(self, known: _Known, stretch: Stretch, shared: Block, told: Told) -> Block:
        """The last final block after a step, which the chain that we have must hold."""
        newest = stretch.blocks[-1] if stretch.blocks else shared
        if told.final.number >= newest.number:
            if told.final.number == newest.number and told.final.hash != newest.hash:
                raise Moved("the final block is of another chain")
            return newest
        if told.final.number <= known.final.number:
            return known.final
        hashes = {**known.hashes, **{block.number: block.hash for block in stretch.blocks}}
        if hashes.get(told.final.number) != told.final.hash:
            raise Moved("the final block is of another chain")
        return told.final

    # -- writing -----------------------------------------------------------------------------------
    def _begin(self, base: Block, told: Told) -> None:
        """Before the first step: a block after which the registry is not there yet."""
        place = self._contracts.place
        with self._database.writing() as session:
            row = session.get(FollowedRow, 1, with_for_update=True)
            if row is None:
                row = FollowedRow(number=1, events=0, rewinds=0, trouble="", said="")
                row.chain_id, row.contract = place.chain_id, place.registry
                row.authority = self._contracts.authority
                session.add(row)
            elif row.head != NOWHERE:
                raise Moved("another follower began")
            row.head = row.final = base.number
            row.told_number, row.told_time = told.head.number, told.head.time
            row.asked_at = self._database.now
            session.add(_kept(base))

    def _keep(
        self, known: _Known, shared: Block, stretch: Stretch, final: Block, told: Told
    ) -> Step:
        """All of a step in one transaction; nothing where another follower was first."""
        events = [(log, self._contracts.read(log, time)) for log, time in stretch.logs]
        with self._database.writing() as session:
            row = session.get(FollowedRow, 1, with_for_update=True, populate_existing=True)
            if row is None:
                raise Unavailable("unavailable.follower", "follower: its tables were emptied")
            self._require_same(row)
            head = session.get(BlockRow, row.head)
            now = row.head, row.final, None if head is None else head.hash
            if now != (known.head.number, known.final.number, known.head.hash):
                # another follower was first: the next step begins with what it wrote
                return Step(row.head, row.final, told.head.number)
            if shared.number < known.head.number:
                rewind(session, shared.number)
                row.rewinds += 1
            session.add_all(_kept(block) for block in stretch.blocks)
            session.flush()
            self._apply(session, row, events)
            row.head = stretch.blocks[-1].number if stretch.blocks else shared.number
            row.final = final.number
            row.told_number, row.told_time = told.head.number, told.head.time
            row.asked_at, row.trouble, row.said = self._database.now, "", ""
            forget_before(session, final.number)
            return Step(
                row.head,
                row.final,
                told.head.number,
                len(events),
                known.head.number - shared.number,
            )

    def _apply(
        self, session: Session, row: FollowedRow, events: Sequence[tuple[Log, Event]]
    ) -> None:
        place = self._contracts.place
        book = Book(Rows(session), place.chain_id, place.registry)
        authority = AuthorityBook(Rows(session))
        for log, event in events:
            row.events += 1
            session.add(
                EventRow(
                    place=row.events,
                    block=event.block,
                    log_index=event.index,
                    time=event.time,
                    address=event.address,
                    name=event.name,
                    transaction=log.transaction,
                    topics=b"".join(log.topics),
                    data=log.data,
                )
            )
            of_authority = event.address == self._contracts.authority
            (authority if of_authority else book).apply(event)

    def _in_trouble(self, error: TierproofError) -> None:
        """Kept once, for whoever reads the tables; they may not be there to be written."""
        if f"{error.code} {error.message}" == self._trouble:
            return
        self._trouble = f"{error.code} {error.message}"
        self._tell(error)
        try:
            with self._database.writing() as session:
                row = session.get(FollowedRow, 1)
                if row is not None and row.trouble != FORKED and self._same(row):
                    row.trouble, row.said = error.code, error.message
        except TierproofError:
            pass  # told already; what is not acknowledged stays as it was


def _kept(block: Block) -> BlockRow:
    return BlockRow(number=block.number, hash=block.hash, parent=block.parent, time=block.time)


def _older(told: Told, known: _Known) -> Unavailable:
    return Unavailable(
        "unavailable.node",
        f"the node's newest block is {told.head.number}, and it or another has told block "
        f"{known.head.number} already",
    )


async def _finished(work: asyncio.Future[Step] | object) -> Step:
    """What cannot be stopped half-way is waited for, also by who is cancelled."""
    task: asyncio.Future[Step] = asyncio.ensure_future(work)  # type: ignore[arg-type]
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
