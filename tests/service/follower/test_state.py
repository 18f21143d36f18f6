"""What tightens is read at the head, what loosens counts from finality; who is behind says so."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest
from grants.grants_world import ALICE, BOB, CAROL, LAST, NULLIFIER, OTHER, POLICY, SERIES, SET, WORD
from grants.test_indexer import key_address

from algebra.errors import Unavailable
from policies.effective.terms import Status
from service.follower.settings import FollowerSettings
from service.follower.state import FollowedState
from service.follower.tables import GrantRow, HolderRow, RootRow, TierRow
from tests.service.follower.fake_chain import FakeChain
from tests.service.follower.life import Said, recorded
from tests.service.follower.world import Memory, follower

pytestmark = pytest.mark.evm


class Told:
    """The recorded life, a block an event, followed as far as a test wants."""

    def __init__(self) -> None:
        self.chain = FakeChain(recorded().contracts.place.chain_id)
        self.database = Memory()
        self.said = list(recorded().said)

    def until(self, name: str, *, final: bool) -> None:
        """Mine up to the next event of a kind; all of it, or all before it, is final."""
        while True:
            each = self.said.pop(0)
            self.chain.mine([each])
            if _name(self.chain.logs[-1][0]) == name:
                break
        self.settle(final=final)

    def settle(self, *, final: bool) -> None:
        newest = len(self.chain.blocks) - 1
        self.chain.final = newest if final else newest - 1
        follower(self.chain, self.database).catch_up()

    def now(self) -> int:
        return self.chain.blocks[-1].time


def _name(log: Any) -> str:
    return recorded().contracts.read(log, 0).name


def place(key: Any) -> str:
    return "0x" + key_address(key).hex()


LATE = 1 << 31
"""A second at which every notice is over."""


def test_a_root_counts_once_it_is_final_and_ends_at_the_head() -> None:
    told = Told()
    told.until("RootSubmitted", final=False)
    with told.database.state() as state:
        time = state.head.root(SET, WORD).value.valid_until
        assert state.head.at.number == state.final.at.number + 1
        assert state.final.root(SET, WORD).value is None
        assert not state.root_in_force(SET, WORD, time).value
    told.settle(final=True)
    with told.database.state() as state:
        answer = state.root_in_force(SET, WORD, time)
        assert answer.value and answer.head == answer.final == state.head.at
        assert not state.root_in_force(SET, WORD, time + 1).value
        assert not state.root_in_force(SET, WORD + 1, time).value
    told.until("GenerationEnded", final=False)
    with told.database.state() as state:
        serial = state.final.root(SET, WORD).value.serial
        assert state.final.root_end(serial).value == 0 < state.head.root_end(serial).value
        assert not state.root_in_force(SET, WORD, time).value
    told.until("RootRevoked", final=False)
    with told.database.state() as state:
        assert state.head.is_revoked(SET, WORD).value
        assert not state.final.is_revoked(SET, WORD).value


def test_policies_and_verifiers_begin_finally_and_end_at_the_head() -> None:
    told = Told()
    told.until("PolicyRegistered", final=False)
    with told.database.state() as state:
        assert not state.policy_in_force(POLICY, LATE).value
        assert state.verifier_in_force(0, LATE).value
        enabled = state.head.verifier(1).value.enabled_from
        assert not state.verifier_in_force(1, enabled - 1).value
        assert not state.verifier_in_force(2, LATE).value
    told.settle(final=True)
    with told.database.state() as state:
        begins = state.final.policy(POLICY).value.enabled_from
        assert state.policy_in_force(POLICY, begins).value
        assert not state.policy_in_force(POLICY, begins - 1).value
    told.until("VerifierSwitchedOff", final=False)
    with told.database.state() as state:
        assert state.final.verifier(1).value.disabled_at == 0
        assert not state.verifier_in_force(1, LATE).value and state.verifier_in_force(0, LATE).value
    told.until("PolicySwitchedOff", final=False)
    with told.database.state() as state:
        assert state.final.policy(OTHER).value.disabled_at == 0
        assert not state.policy_in_force(OTHER, LATE).value
        assert state.policy_in_force(POLICY, LATE).value
        tiers = state.head.tiers(state.head.policy(OTHER).value.serial).value
        assert tiers and all(tier.ended_at == told.now() for tier in tiers)


def test_a_pause_holds_at_once_and_ends_finally() -> None:
    told = Told()
    told.until("Paused", final=False)
    with told.database.state() as state:
        until = state.head.switches().value.paused_until
        assert state.final.switches().value.paused_until == 0
        assert not state.is_open(until - 1).value and state.is_open(until).value
    told.until("Unpaused", final=False)
    with told.database.state() as state:
        earlier = state.head.switches().value.paused_until
        assert earlier < until and not state.is_open(earlier).value
    told.settle(final=True)
    with told.database.state() as state:
        assert state.is_open(earlier).value
    told.until("Closed", final=False)
    with told.database.state() as state:
        assert state.final.switches().value.closed_at == 0 and not state.is_open(LATE).value


def test_a_bar_holds_at_once_and_ends_finally() -> None:
    told = Told()
    told.until("Barred", final=False)
    with told.database.state() as state:
        assert not state.is_free(SERIES, 10, 65_534).value
        assert state.is_free(SERIES, 9, 0).value
    told.until("Barred", final=False)  # it is lifted, from a day on
    with told.database.state() as state:
        day = state.head.holder(SERIES, 10).value.free_from_day
        assert day < 65_535 and not state.is_free(SERIES, 10, day).value
    told.settle(final=True)
    with told.database.state() as state:
        assert state.is_free(SERIES, 10, day).value
        assert not state.is_free(SERIES, 10, day - 1).value
    told.until("Revoked", final=False)
    with told.database.state() as state:
        assert state.final.holder(SERIES, 77).value is None
        assert state.as_of(SERIES, 77) == state.head.holder(SERIES, 77).value.as_of > LAST
    told.until("Retired", final=False)
    with told.database.state() as state:
        assert not state.final.holder(SERIES, 11).value.retired
        assert not state.is_free(SERIES, 11, 65_535).value


def test_terms_are_the_stricter_of_both_blocks() -> None:
    told = Told()
    told.until("Granted", final=False)
    account = place(ALICE)
    with told.database.state() as state:
        time = told.now()
        head, final = (view.terms(account, time).value for view in (state.head, state.final))
        assert (head.status, final.status) == (Status.RUNNING, Status.NONE)
        strict = state.terms(account, time).value
        assert strict.status == Status.NONE and strict.limit == 0
        assert (strict.initial, strict.maintenance) == (final.initial, final.maintenance)
        assert head.initial < final.initial and state.final.grant(account).value is None
    told.settle(final=True)
    with told.database.state() as state:
        answer = state.terms(account.upper().replace("0X", "0x"), time)
        assert astuple(answer.value) == astuple(head) and answer.at == state.head.at
        assert state.head.grant_end(account).value == state.head.grant(account).value.expiry
    told.until("Downgraded", final=False)
    with told.database.state() as state:
        head, final = (view.terms(account, told.now()).value for view in (state.head, state.final))
        assert state.terms(account, told.now()).value.initial == head.initial > final.initial


def test_lists_go_on_after_a_key() -> None:
    told = Told()
    told.until("Closed", final=True)
    with told.database.state() as state:
        view = state.final
        for kind, name in ((TierRow, "serial"), (GrantRow, "account"), (RootRow, "serial")):
            whole = [getattr(row, name) for row in view.all(kind)]
            first = [getattr(row, name) for row in view.all(kind, most=2)]
            rest = [getattr(row, name) for row in view.all(kind, after=(first[-1],))]
            assert first + rest == whole and len(whole) >= 2
        held = view.all(HolderRow)
        again = view.all(HolderRow, after=(held[1].series, held[1].nullifier))
        assert [row.values() for row in again] == [row.values() for row in held[2:]]
        assert {row.account for row in view.all(HolderRow, account=place(CAROL))} == {place(CAROL)}
        assert view.members(SET, 1).value and view.windows(SERIES).value
        assert view.engines().value and view.conduct(place(BOB)).value
        assert view.series(SERIES).value.attestor_set == SET and view.market().value.alarms > 3
        assert view.generation(SET, 2).value.enabled_from and view.attestor_set(SET).value.latest
        assert view.holder(SERIES, NULLIFIER).value.account == place(BOB)
        assert view.pending(SERIES, NULLIFIER).value.contested_day == LAST
        assert set(view.roles(LATE).value) >= {0, 1, 2} and not view.roles(0).value


# -- how far ---------------------------------------------------------------------------------------
def refused(state: FollowedState, now: int, **settings: Any) -> str:
    with pytest.raises(Unavailable) as caught:
        state.require_fresh(FollowerSettings(**settings), now)
    return f"{caught.value.code} {caught.value.message}"


def test_nothing_is_decided_on_what_is_old() -> None:
    told = Told()
    with told.database.state() as state:
        assert "unavailable.follower " in refused(state, 0)
    told.chain.mine(())
    follower(told.chain, told.database).catch_up()
    with told.database.state() as state:
        assert "no final block" in refused(state, told.database.now)
    told.until("Granted", final=True)
    for _ in range(30):
        told.chain.mine(())
    told.database.now = 5_000_000_000
    follower(told.chain, told.database, batch_blocks=1).step()
    with told.database.state() as state:
        now = told.database.now
        assert state.lag(now).blocks == 29 and state.lag(now + 7).silent == 7
        assert "29 blocks behind" in refused(state, now)
        state.require_fresh(FollowerSettings(most_blocks_behind=29), now)
        silent = refused(state, now + 61, most_blocks_behind=29)
        assert "unavailable.follower_behind" in silent and "61 s" in silent
        state.require_fresh(FollowerSettings(most_blocks_behind=29), now + 60)


def test_an_old_newest_block_is_told_on_a_real_chain() -> None:
    told = Told()
    told.until("Granted", final=True)
    with told.database.state() as state:
        row = state.followed
        now = row.asked_at = told.now() + 601
        state.require_fresh(FollowerSettings(), now)  # nobody mines on a development chain
        row.chain_id = 1
        assert "601 s old" in refused(state, now)
        state.require_fresh(FollowerSettings(), now - 1)
        state.require_fresh(FollowerSettings(most_head_seconds=None), now)


def test_nothing_is_decided_after_a_fork() -> None:
    told = Told()
    told.until("Granted", final=True)
    tail = len(told.chain.blocks)
    told.chain.fork(tail - 2)
    for _ in range(3):
        told.chain.mine([Said(*_parts())])
    with pytest.raises(Exception, match="was final as"):
        follower(told.chain, told.database).step()
    with told.database.state() as state:
        assert "unavailable.follower_stopped" in refused(state, told.database.now)


def _parts() -> tuple[str, tuple[bytes, ...], bytes]:
    each = recorded().said[0]
    return each.address, each.topics, each.data
