"""
Effective terms of ten thousand random accounts, of the contracts and of `policies.effective`: the
same numbers. Most stand at a second at which something begins or ends, or at one beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from support.effective import BANDS, STRICTEST, State, about, default_of, states, tier_of
from terms_world import TermsWorld, state_words, terms_words, tier_words

from contracts.client.chain import Chain
from policies.effective.glide import SPAN
from policies.effective.terms import Grant, Status, Tier, first_grant, terms_at

pytestmark = pytest.mark.evm
COUNT = 12_000


@pytest.fixture(scope="module")
def world(anvil_url: str) -> TermsWorld:
    return TermsWorld.build(Chain.connect(anvil_url), BANDS, STRICTEST)


@pytest.fixture(scope="module")
def accounts() -> Sequence[State]:
    return list(states(13, COUNT))


def test_terms_are_the_contract_s(world: TermsWorld, accounts: Sequence[State]) -> None:
    met = set()
    (said,) = world.rows("termsOf", [state_words(state) for state in accounts], widths=[9])
    for state, terms in zip(accounts, said, strict=True):
        ours = terms_at(state.grant, state.market, state.time)
        assert terms == terms_words(ours), state
        met.add(ours.status)
    assert met == set(Status)


def test_writes_are_the_contract_s(world: TermsWorld, accounts: Sequence[State]) -> None:
    random = Random(14)
    writes = [write_of(random, state) for state in accounts]
    (said,) = world.rows(
        "retargeted",
        [state_words(state) for state in accounts],
        [tier_words(tier) for tier, _, _ in writes],
        [(level,) for _, level, _ in writes],
        [(until,) for _, _, until in writes],
        widths=[9],
    )
    for state, write, grant in zip(accounts, writes, said, strict=True):
        ours = written(state, *write)
        words = (ours.since, ours.start, ours.conduct_until, ours.level)
        assert grant[1:5] == words, (state, write)


def write_of(random: Random, state: State) -> tuple[Tier, int, int]:
    """Another tier or the same, conduct, and its end."""
    same = state.grant is not None and random.random() < 0.3
    tier = state.grant.tier if state.grant and same else tier_of(random, default_of(random))
    return tier, random.randrange(4), random.choice([about(random, state.time), state.time + SPAN])


def written(state: State, tier: Tier, level: int, until: int) -> Grant:
    if state.grant is None:
        return first_grant(tier, 0, level, until, state.market, state.time)
    return state.grant.retarget(tier, level, until, state.market, state.time)
