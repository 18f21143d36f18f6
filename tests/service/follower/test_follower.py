"""What a follower holds is what a fresh one would, whatever the node did meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from support.postgres import Cluster

from algebra.errors import Refused, TierproofError, Unavailable
from service.follower.connecting import opened
from tests.service.follower.fake_chain import FakeChain
from tests.service.follower.life import Said, recorded
from tests.service.follower.world import Memory, follower, held, kept_blocks

pytestmark = pytest.mark.evm


def chain_of(groups: int = 3, quiet: int = 2) -> FakeChain:
    """The recorded life, so many logs a block, then quiet blocks; the first 20 are final."""
    life = recorded()
    chain = FakeChain(life.contracts.place.chain_id)
    for start in range(0, len(life.said), groups):
        chain.mine(life.said[start : start + groups])
    for _ in range(quiet):
        chain.mine(())
    chain.final = 20
    return chain


def fresh(chain: FakeChain, **settings: Any) -> Memory:
    """A database that only ever saw this chain."""
    database = Memory()
    follower(chain, database, **settings).catch_up()
    return database


def code_of(step: Callable[[], object]) -> str:
    with pytest.raises(TierproofError) as caught:
        step()
    return caught.value.code


# -- reading ---------------------------------------------------------------------------------------
def test_ranges_and_single_blocks_give_the_same() -> None:
    chain = chain_of()
    told = held(fresh(chain))
    assert told["follower"][0][4:6] == (len(chain.blocks) - 1, 20)
    assert len(told["follower_events"]) == len(recorded().said)
    for settings in ({"span": 1}, {"span": 7, "batch_blocks": 1}, {"batch_events": 4}):
        assert held(fresh(chain, **settings)) == told
    for limits in ({"most_blocks": 3}, {"most_logs": 5}):
        narrow = chain_of()
        vars(narrow).update(limits)
        assert held(fresh(narrow)) == told


def test_the_span_adapts_to_the_node() -> None:
    chain = chain_of()
    chain.final, chain.most_blocks = 25, 4
    database = fresh(chain)
    ranges = [each for each in chain.asked if each.startswith("logs ") and ".." in each]
    assert ranges[:4] == ["logs 1..25", "logs 1..12", "logs 1..6", "logs 1..3"]
    assert kept_blocks(database)[0] == 25
    chain.most_blocks, chain.most_logs = 1, 0
    database = Memory()
    assert code_of(follower(chain, database).catch_up) == "unavailable.node"


def test_blocks_are_kept_back_to_the_last_final_one() -> None:
    chain = chain_of()
    database = fresh(chain)
    assert kept_blocks(database) == list(range(20, len(chain.blocks)))
    chain.final = len(chain.blocks) - 1
    follower(chain, database).step()
    assert kept_blocks(database) == [chain.final]
    assert held(database) == held(fresh(chain))


@pytest.mark.parametrize("born", [1, 7, 20, 21, None])
def test_reading_begins_where_the_authority_was_made(born: int | None) -> None:
    chain, whole = FakeChain(recorded().contracts.place.chain_id), chain_of()
    for _ in range((born or 1) - 1):
        chain.mine(())
    for logs in whole.logs[1:]:
        chain.mine([Said(log.address, log.topics, log.data) for log in logs])
    chain.final, chain.born = 20, born
    database = fresh(chain)
    assert len(held(database)["follower_events"]) == len(recorded().said)
    first = int(next(each for each in chain.asked if each.startswith("logs")).split()[-1]
                .split("..")[0])  # fmt: skip
    assert first == (born or 1)
    assert held(fresh(chain, start_block=born or 1)) == held(database)


def test_confirmations_where_the_node_has_no_word() -> None:
    chain = chain_of()
    chain.final = None
    assert code_of(follower(chain, Memory()).step) == "refused.finalized"
    database = fresh(chain, confirmations=3)
    assert kept_blocks(database)[0] == len(chain.blocks) - 4
    chain.final = len(chain.blocks) - 4
    assert held(database) == held(fresh(chain))


# -- reorganisations -------------------------------------------------------------------------------
def grow(chain: FakeChain, chance: random.Random, said: list[Said]) -> None:
    """One to five blocks, some of them with what comes next."""
    for _ in range(chance.randrange(1, 6)):
        count = min(len(said), chance.randrange(4))
        chain.mine([said.pop(0) for _ in range(count)], chance.randrange(1, 30))


def left(chain: FakeChain) -> list[Said]:
    """What the chain has not said yet."""
    count = sum(len(logs) for logs in chain.logs)
    return list(recorded().said[count:])


@pytest.mark.parametrize("seed", range(4))
def test_random_reorganisations_leave_what_a_fresh_follower_holds(seed: int) -> None:
    chance = random.Random(seed)
    chain, database = FakeChain(recorded().contracts.place.chain_id), Memory()
    chain.born = None
    settings = {"span": chance.choice((1, 5, 100)), "batch_blocks": chance.choice((30, 256))}
    rewound: list[int] = []
    followed = follower(
        chain, database, lambda step: rewound.append(getattr(step, "rewound", 0)), **settings
    )
    for turn in range(28):
        grow(chain, chance, left(chain))
        if turn % 2:
            newest, kept = len(chain.blocks) - 1, kept_blocks(database)
            chain.fork(chance.randrange(kept[0], newest + 1))
            while len(chain.blocks) <= newest + 1:  # the heavier branch wins
                grow(chain, chance, left(chain))
        if turn % 3 == 0:
            chain.final = chance.randrange(chain.final or 0, len(chain.blocks))
        step = followed.catch_up()
        assert (step.head, step.final) == (len(chain.blocks) - 1, chain.final)
        if turn % 9 == 0:
            assert held(database) == held(fresh(chain))
    assert len(left(chain)) < 30 and len([each for each in rewound if each]) > 3


def test_a_reader_never_sees_the_old_branch_gone_and_the_new_one_not_there() -> None:
    """Both branches end a root: no state in between has it in force."""
    chain = chain_of()
    ended = next(
        number for number, logs in enumerate(chain.logs)
        if any(_name(log) == "RootRevoked" for log in logs)
    )  # fmt: skip
    seen: list[int] = []

    class Watched(Memory):
        def writing(self) -> Any:
            outer = super().writing()
            database = self

            class Between:
                def __enter__(self) -> Any:
                    return outer.__enter__()

                def __exit__(self, *error: Any) -> Any:
                    done = outer.__exit__(*error)
                    seen.append(len(held(database)["follower_revoked"]))
                    return done

            return Between()

    database = Watched()
    followed = follower(chain, database)
    followed.catch_up()
    seen.clear()
    tail = chain.logs[ended:]
    chain.fork(ended - 1)
    chain.mine(())
    for logs in tail:
        chain.mine([Said(log.address, log.topics, log.data) for log in logs])
    assert followed.catch_up().rewound > 0
    assert set(seen) == {2}


def _name(log: Any) -> str:
    return recorded().contracts.read(log, 0).name


def test_a_fork_below_the_last_final_block_stops_the_follower() -> None:
    chain = chain_of()
    database = fresh(chain)
    before = held(database)
    chain.fork(19)
    for _ in range(30):
        chain.mine(())
    assert code_of(follower(chain, database).step) == "refused.follower_forked"
    assert held(database) == before
    chain.forks = 0
    again = chain_of()  # the right chain comes back: a person has to act all the same
    assert code_of(follower(again, database).step) == "refused.follower_forked"
    with database.state() as state:
        assert state.followed.trouble == "refused.follower_forked"


def test_places_of_events_rise_and_are_never_given_twice() -> None:
    chain = chain_of()
    database = fresh(chain)
    with database.state() as state:
        read = list(state.events(0, 1_000, final=False))
        final = list(state.events(0, 1_000))
    assert [row.place for row in read] == list(range(1, len(recorded().said) + 1))
    assert 0 < len(final) < len(read) and all(row.block <= 20 for row in final)
    last = read[-1].place
    tail = [Said(log.address, log.topics, log.data) for logs in chain.logs[22:] for log in logs]
    chain.fork(21)
    for each in tail:
        chain.mine([each])
    follower(chain, database).catch_up()
    with database.state() as state:
        again = list(state.events(last, 1_000, final=False))
        assert [row.data for row in again] == [each.data for each in tail]
        contracts = recorded().contracts
        assert "end" in contracts.arguments(again[-1]) and again[-1].name == "Closed"


# -- nodes that lie --------------------------------------------------------------------------------
def lying(chain: FakeChain, **change: Any) -> FakeChain:
    vars(chain).update(change)
    return chain


@pytest.mark.parametrize(("change", "code"), [
    ({"id": 5}, "refused.follower_chain"),
    ({"down": Unavailable("unavailable.node", "nobody answers")}, "unavailable.node"),
    ({"shown": 10}, "unavailable.node"),
    ({"shown": 20}, "unavailable.node"),
    ({"shown": 24}, "unavailable.node"),
])  # fmt: skip
def test_trouble_changes_nothing_and_is_named(change: dict[str, Any], code: str) -> None:
    chain = chain_of()
    database = fresh(chain)
    before = held(database)
    followed = follower(lying(chain, **change), database)
    assert code_of(followed.step) == code
    with database.state() as state:
        assert state.followed.trouble == code
    assert held(database) == before
    lying(chain, id=recorded().contracts.place.chain_id, down=None, shown=None)
    followed.step()
    with database.state() as state:
        assert state.followed.trouble == state.followed.said == ""


def test_a_block_that_does_not_follow_is_not_taken() -> None:
    chain = chain_of(groups=2)
    other = chain_of(groups=1)
    chain.blocks[24] = other.blocks[24]
    database = Memory()
    assert code_of(follower(chain, database).catch_up) == "unavailable.node"
    assert kept_blocks(database) == [20]


def test_logs_of_another_chain_are_not_taken() -> None:
    chain, other = chain_of(), chain_of(groups=5)
    chain.logs[3] = other.logs[3]
    database = Memory()
    assert code_of(follower(chain, database).catch_up) == "unavailable.node"
    assert kept_blocks(database) == [0]


@pytest.mark.parametrize("name", [
    "Opened", "AttestorSetRegistered", "GenerationStarted", "SeriesRegistered",
    "VerifierRegistered", "PolicyRegistered", "TierRegistered", "RootSubmitted", "Granted",
    "EngineRegistered",
])  # fmt: skip
def test_events_that_are_left_out_are_missed(name: str) -> None:
    chain, dropped = FakeChain(recorded().contracts.place.chain_id), False
    for each in recorded().said:
        log = chain.mine([each]) and chain.logs[-1][0]
        if not dropped and _name(log) == name:
            chain.fork(len(chain.blocks) - 2)
            dropped = True
    chain.final = 1
    database = Memory()
    assert code_of(follower(chain, database).catch_up) == "refused.follower_events"
    with database.state() as state:
        assert state.followed.trouble == "refused.follower_events"


def test_another_registry_has_another_database() -> None:
    database = fresh(chain_of())
    with database.writing() as session:
        from service.follower.tables import FollowedRow

        session.get(FollowedRow, 1).contract = "0x" + "11" * 20
    assert code_of(follower(chain_of(), database).step) == "refused.follower_other"


def test_two_followers_of_one_database_do_each_block_once() -> None:
    chain, database = chain_of(), Memory()
    one, other = (follower(chain, database, batch_blocks=2) for _ in range(2))
    chain.final = 0
    while one.step().more | other.step().more:
        pass
    assert held(database) == held(fresh(chain))


def test_a_follower_that_was_overtaken_writes_nothing() -> None:
    chain, database = chain_of(), Memory()
    slow = follower(chain, database)
    slow.step()
    whole = slow._asking.after
    followed = follower(chain, database)

    def overtaken(*arguments: Any) -> Any:
        stretch = whole(*arguments)
        followed.catch_up()
        return stretch

    slow._asking.after = overtaken  # type: ignore[method-assign]
    step = slow.step()
    assert step.events == 0 and step.head == len(chain.blocks) - 1
    assert held(database) == held(fresh(chain))


def test_an_unknown_event_is_refused() -> None:
    chain = chain_of()
    odd = Said(recorded().contracts.place.registry, (b"\x11" * 32,), b"")
    chain.mine([odd])
    assert code_of(follower(chain, Memory()).catch_up) == "unavailable.node"
    with pytest.raises(Refused):
        recorded().contracts.registry_events and _apply_unknown()


def _apply_unknown() -> None:
    from service.follower.applying import Book, Event
    from service.follower.rows import Rows

    with Memory().writing() as session:
        book = Book(Rows(session), 1, "0x" + "11" * 20)
        book.apply(Event(1, 0, 1, "", "Exploded", {}))


def test_postgresql_holds_the_same(postgres: Cluster) -> None:
    chain, database = chain_of(), opened(postgres.database())
    with closing(database):
        followed = follower(chain, database, batch_blocks=4)
        followed.catch_up()
        tail = chain.logs[22:]
        chain.fork(21)
        for logs in tail:
            chain.mine([Said(log.address, log.topics, log.data) for log in logs])
        chain.mine(())
        assert followed.step().rewound > 0
        followed.catch_up()
        assert held(database) == held(fresh(chain))
