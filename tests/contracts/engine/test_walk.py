"""Random books: the EVM does what the model says, and what always holds holds."""

from __future__ import annotations

import pytest
from engine.machine import Reverted
from engine.walk import TRADERS, Walk
from engine.world import ALICE, KEEPER, STRANGER

pytestmark = pytest.mark.evm


def walk(seed: int, steps: int) -> Walk:
    life = Walk(seed)
    for step in range(steps):
        life.step()
        life.invariants()
        if step % 40 == 0:
            life.compare()
    life.compare()
    life.expire()
    life.invariants()
    life.compare()
    return life


@pytest.mark.parametrize("seed", range(2))
def test_the_evm_does_what_the_model_says(seed: int) -> None:
    life = walk(seed, 80)
    assert life.done["trade"] > 10


@pytest.mark.slow
def test_long_lives() -> None:
    """Together they meet every outcome of every act."""
    lives = [walk(seed, 500) for seed in range(100, 106)]
    done = sum((life.done for life in lives), start=lives[0].done.__class__())
    refused = sum((life.refused for life in lives), start=lives[0].refused.__class__())
    assert {"trade", "withdraw", "give", "settle", "Partly", "Liquidated"} <= done.keys()
    for outcome in (
        "trade NotEnoughMargin",
        "trade OverLimit",
        "withdraw NotEnoughMargin",
        "liquidate Healthy",
        "liquidate TooMuch",
    ):
        assert outcome in refused, outcome


def test_a_stranger_changes_nothing() -> None:
    """Every call of the engine by one who has nothing, in the middle of a life."""
    life = Walk(7)
    for _ in range(60):
        life.step()
    engine, world = life.world.engine, life.world
    life.compare()
    healthy = [
        who
        for who in TRADERS
        if life.model.equity(who) >= life.model.needed(who, life.model.terms[who].maintenance)
    ]
    quote = tuple(world.quote(ALICE, 1, 100).values())
    attempts = [
        *(lambda who=who: engine.liquidate(who, 10**18, sender=STRANGER) for who in healthy),
        *(lambda who=who: engine.reportAgain(who, sender=STRANGER) for who in TRADERS),
        *(lambda who=who: engine.settle(who, 2, sender=STRANGER) for who in TRADERS),
        lambda: engine.withdraw(1, 0, sender=STRANGER),
        lambda: engine.deposit(1, sender=STRANGER),
        lambda: engine.give(1, sender=STRANGER),
        lambda: engine.trade(quote, b"", sender=STRANGER),
        lambda: engine.trade(quote, bytes(65), sender=STRANGER),
        lambda: engine.pause(sender=STRANGER),
        lambda: engine.unpause(sender=STRANGER),
        lambda: engine.transferOwnership(STRANGER, sender=STRANGER),
        lambda: engine.renounceOwnership(sender=STRANGER),
        lambda: engine.acceptOwnership(sender=STRANGER),
    ]
    for attempt in attempts:
        with pytest.raises(Reverted):
            attempt()
    for account in (*TRADERS, KEEPER):
        engine.checkpoint(account, sender=STRANGER)  # tells what is so, moves nothing
    engine.cancel(quote[5], sender=STRANGER)  # a number of his own
    life.compare()
    life.invariants()
