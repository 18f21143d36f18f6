"""Killed at any point a follower has done a step or not; the next one goes on."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from pathlib import Path
from typing import Any

import pytest

from algebra.errors import Unavailable
from contracts.client.logs import Log
from service.follower.connecting import opened
from service.follower.follower import Follower, Step
from service.follower.settings import FollowerSettings
from tests.service.follower.fake_chain import FakeChain
from tests.service.follower.life import Said, recorded
from tests.service.follower.test_follower import chain_of, fresh
from tests.service.follower.world import Memory, follower, held

pytestmark = pytest.mark.evm


def _follow(url: str, chain: FakeChain, settings: FollowerSettings, done: Any) -> None:
    """In a process of its own: step after step until it is killed."""

    def tell(step: object) -> None:
        done.value += 1

    followed = Follower(opened(url), chain, recorded().contracts, settings, tell)
    while True:
        followed.step()


def test_a_killed_follower_is_gone_on_with(tmp_path: Path) -> None:
    chance, url = random.Random(5), f"sqlite:///{tmp_path / 'followed.sqlite'}"
    chain = chain_of(groups=1)
    chain.final = 5
    settings = FollowerSettings(batch_blocks=2, span=2)
    context = multiprocessing.get_context("fork")
    recorded()  # once, and not in each process
    opened(url).close()
    heads = [0]
    for turn in range(8):
        if turn == 4:  # while nobody looks, the tail is another one
            tail = chain.logs[12:]
            chain.fork(11)
            chain.mine(())
            for logs in tail:
                chain.mine([log_said(log) for log in logs])
        done = context.Value("i", 0)
        child = context.Process(target=_follow, args=(url, chain, settings, done))
        child.start()
        begun = time.monotonic()
        while done.value < 2 and child.is_alive():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, (time.monotonic() - begun) / 2))  # anywhere in a later step
        child.kill()
        child.join()
        database = opened(url)
        heads += [row[4] for row in held(database)["follower"]]
        database.close()
    assert max(heads) > 20 and len(set(heads)) > 6
    database = opened(url)
    Follower(database, chain, recorded().contracts, settings).catch_up()
    assert held(database) == held(fresh(chain))
    database.close()


def log_said(log: Log) -> Said:
    """What it says, to stand in another block."""
    return Said(log.address, log.topics, log.data)


def test_running_goes_on_after_trouble_and_ends_when_it_is_cancelled() -> None:
    chain, database = chain_of(), Memory()
    told: list[object] = []
    chain.down = Unavailable("unavailable.node", "nobody answers")
    followed = follower(chain, database, told.append, poll_seconds=0.01, batch_blocks=1)

    async def life() -> None:
        running = asyncio.ensure_future(followed.run())
        while not told:
            await asyncio.sleep(0.01)
        chain.down = None
        while not (isinstance(told[-1], Step) and not told[-1].more):
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(asyncio.wait_for(life(), 120))
    troubles = [each for each in told if isinstance(each, Unavailable)]
    assert [each.message for each in troubles] == ["nobody answers"]  # told once
    assert held(database) == held(fresh(chain))


def test_who_is_cancelled_finishes_the_step() -> None:
    chain, database = chain_of(), Memory()
    followed = follower(chain, database)
    whole = followed._keep

    def slow(*arguments: Any) -> Step:
        time.sleep(0.3)
        return whole(*arguments)

    followed._keep = slow  # type: ignore[method-assign]

    async def life() -> None:
        running = asyncio.ensure_future(followed.run())
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(life())
    assert held(database)["follower"][0][4] > 0
