"""Writers that are killed while they record verdicts; `benchmarks.kills` at length."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from benchmarks import kills
from tests.service.store import store_world as world


def test_twenty_kills_lose_nothing_and_double_nothing(url: str) -> None:
    tally = kills.campaign(url, 20)
    assert (tally.kills, tally.lost, tally.doubled, dict(tally.refused)) == (20, 0, 0, {})
    assert tally.acknowledged["accepted"] and tally.acknowledged["rejected"]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM credentials",
        "UPDATE credentials SET nullifier = 'another'",
    ],
)
def test_a_verdict_that_is_lost_is_found(url: str, change: str) -> None:
    with closing(world.opened(url)) as store:
        world.fill(store)
        store.accept(world.POLICY, world.credential(5))
        told = [(5, "accepted"), (6, "rejected"), (7, "unavailable.database")]
        assert kills.examine(url, told[:1], 1).lost == 0
        assert kills.examine(url, told, 1).lost == 1  # what was told of 6 is nowhere
        assert kills.examine(url, told, 1).refused == {"unavailable.database": 1}
        with store.database.writing() as session:
            session.execute(text(change))
        assert kills.examine(url, told[:1], 1).lost > 0
