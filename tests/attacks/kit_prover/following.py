"""
For every check that `mutants.FOLLOWER` finds in the chain follower, a chain, node or table that it
alone stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from eth_utils.crypto import keccak
from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.client.blocks import Block
from contracts.client.logs import Events, events_of
from policies.place import Place
from service.follower.rows import Rows
from service.follower.settings import FollowerSettings
from service.follower.tables import BlockRow, FollowedRow, SwitchesRow
from tests.service.follower.fake_chain import FakeChain
from tests.service.follower.life import Said
from tests.service.follower.world import Memory

_f, _n = "service.follower.follower.Follower.", "service.follower.node.Asking."
_s = "service.follower.state.FollowedState."
_KNOWN, _KEEP = f"{_f}_known: self._require_same(row)", f"{_f}_keep: self._require_same(row)"
ID, REGISTRY, AUTHORITY = 31_337, "0x" + "22" * 20, "0x" + "a7" * 20
OTHER, NO_HASH = "0x" + "33" * 20, "0x" + "99" * 32
FINAL, HEAD = 3, 6
QUIET = Said(AUTHORITY, (keccak(text="RoleAdminChanged(uint64,uint64)"), bytes(32), bytes(32)), b"")
"""What changes no row."""


def chain() -> FakeChain:
    """Blocks in which nothing is said."""
    made = FakeChain(ID)
    for _ in range(HEAD):
        made.mine(())
    made.final = FINAL
    return made


def follower(
    m: Verifier, database: Memory, node: FakeChain, chain_id: int = ID, registry: str = REGISTRY,
    authority: str = AUTHORITY,
) -> Any:  # fmt: skip
    contracts = m.follower.Contracts(
        Place(chain_id, registry), authority, Events([]), events_of("Authority")
    )
    return m.follower.Follower(database, node, contracts, FollowerSettings(start_block=1))


Change = Callable[[FakeChain, Memory], None]


def follows(change: Change, **place: Any) -> Attempt:
    """A step after those on the true chain, once something was changed."""

    def attempt(m: Verifier) -> None:
        database, node = Memory(), chain()
        follower(m, database, node).catch_up()
        change(node, database)
        follower(m, database, node, **place).step()

    return attempt


def lies(**answers: Any) -> Attempt:
    """A node whose answers or settings are others, after a block was mined."""

    def change(node: FakeChain, _: Memory) -> None:
        node.mine(())
        vars(node).update(answers)

    return follows(change)


def shows(newest: int) -> Attempt:
    """A node that is not as far as another one was."""
    return follows(lambda node, _: vars(node).update(shown=newest))


def written(change: Callable[[FollowedRow], None]) -> Change:
    def of(_: FakeChain, database: Memory) -> None:
        with database.writing() as session:
            change(session.get_one(FollowedRow, 1))

    return of


def meanwhile(change: Change) -> Attempt:
    """Somebody writes while the node is asked."""

    def hooked(node: FakeChain, database: Memory) -> None:
        node.mine(())
        whole = node.logs_of

        def logs_of(block: Block) -> Any:
            change(node, database)
            return whole(block)

        vars(node)["logs_of"] = logs_of

    return follows(hooked)


def empties(_: FakeChain, database: Memory) -> None:
    with database.writing() as session:
        session.execute(delete(FollowedRow))


def begins_twice(m: Verifier) -> None:
    """Another follower begins between the first look at the tables and the first write."""
    database, node = Memory(), chain()
    whole = node.head

    def head() -> Block:
        del vars(node)["head"]
        follower(m, database, node).catch_up()
        return whole()

    vars(node)["head"] = head
    follower(m, database, node).step()


def another_log(node: FakeChain, _: Memory) -> None:
    node.mine([QUIET])
    node.final = HEAD + 1
    node.logs[-1] = [replace(log, block_hash=NO_HASH) for log in node.logs[-1]]


def another_parent(node: FakeChain, _: Memory) -> None:
    node.mine(())
    node.blocks[-1] = replace(node.blocks[-1], parent=NO_HASH)


def another_final(number: int) -> Attempt:
    def change(node: FakeChain, _: Memory) -> None:
        vars(node)["finalized"] = lambda: replace(node.blocks[number], hash=NO_HASH)

    return follows(change)


def forks(node: FakeChain, _: Memory) -> None:
    node.fork(FINAL - 1)
    for _ in range(HEAD):
        node.mine(())
    node.final = FINAL + 2


# -- what decides ----------------------------------------------------------------------------------
def _nothing(row: FollowedRow) -> None:
    pass


def _told(row: FollowedRow) -> None:
    row.told_number = HEAD + 11


def _forked(row: FollowedRow) -> None:
    row.trouble = "refused.follower_forked"


def _real(row: FollowedRow) -> None:
    row.chain_id, row.asked_at = 1, 2_000_000_000


def decides(
    change: Callable[[FollowedRow], None] = _nothing, now: int | None = None, opened: bool = True
) -> Attempt:
    """Asks whether what is known may decide."""

    def attempt(m: Verifier) -> None:
        with known(m, opened) as (session, database):
            change(session.get_one(FollowedRow, 1))
            time = database.now if now is None else now
            m.state.FollowedState(session).require_fresh(FollowerSettings(), time)

    return attempt


@contextmanager
def known(m: Verifier, opened: bool) -> Iterator[tuple[Session, Memory]]:
    """Tables after some blocks, in the first of which a registry opened."""
    database = Memory()
    follower(m, database, chain()).catch_up()
    with database.writing() as session:
        if opened:
            Rows(session, 1).put(SwitchesRow, {"one": 1}, notice=1)
        yield session, database


def unkept(m: Verifier) -> None:
    with known(m, True) as (session, _):
        session.execute(delete(BlockRow))
        _ = m.state.FollowedState(session).head


def unfollowed(m: Verifier) -> None:
    with Memory().reading() as session:
        _ = m.state.FollowedState(session).followed


AHEAD = Block(99, NO_HASH, NO_HASH, 1_800_000_000)

CHECKS: dict[str, Forgery] = {
    f"{_n}told: chain_id != self.chain_id": stops(lies(id=5)),
    f"{_n}told: final is None": stops(lies(final=None), expect=CRASH),
    f"{_n}told: final.number > head.number": stops(lies(finalized=lambda: AHEAD)),
    f"{_n}at: found is None": stops(lies(block=lambda _: None), expect=CRASH),
    f"{_n}_final: log.block_hash != headers[log.block].hash": stops(follows(another_log)),
    f"{_n}_recent: block.parent != known.hash": stops(follows(another_parent)),
    f"{_n}_recent: said is None": stops(lies(logs_of=lambda _: None), expect=CRASH),
    f"{_f}_step: except Moved": stops(lies(logs_of=lambda _: None), expect=CRASH),
    _KNOWN: stops(follows(lambda *_: None, registry=OTHER), also=(_KEEP,)),
    f"{_f}_known: row.trouble == FORKED": stops(follows(written(_forked))),
    f"{_f}_require_same: not self._same(row)": stops(follows(lambda *_: None, authority=OTHER)),
    f"{_f}_shared: self._asking.at(known.final.number).hash != known.final.hash": stops(
        follows(forks)
    ),
    f"{_f}_shared: number == told.head.number < known.head.number": stops(shows(HEAD - 1)),
    f"{_f}_shared: known.head.number > known.final.number == told.head.number": stops(shows(FINAL)),
    f"{_f}_final: told.final.number == newest.number and told.final.hash != newest.hash": stops(
        another_final(HEAD)
    ),
    f"{_f}_final: hashes.get(told.final.number) != told.final.hash": stops(another_final(HEAD - 1)),
    f"{_f}_begin: row.head != NOWHERE": stops(begins_twice, expect=CRASH),
    f"{_f}_keep: row is None": stops(meanwhile(empties), expect=CRASH),
    _KEEP: stops(meanwhile(written(lambda row: setattr(row, "contract", OTHER)))),
    f"{_s}followed: row is None": stops(unfollowed),
    f"{_s}require_fresh: row.trouble in STOPPED": stops(decides(_forked)),
    f"{_s}require_fresh: self.final.switches().value is None": stops(decides(opened=False)),
    f"{_s}require_fresh: lag.blocks > settings.most_blocks_behind": stops(decides(_told)),
    f"{_s}require_fresh: lag.silent > settings.most_silent_seconds": stops(
        decides(now=1_700_000_061)
    ),
    f"{_s}require_fresh: oldest is not None and row.chain_id not in DEVELOPMENT_CHAINS and "
    "lag.seconds > oldest": stops(decides(_real, now=2_000_000_000)),
    f"{_s}_view: block is None": stops(unkept, expect=CRASH),
}
