"""
Two kinds of owner that one tier cannot tell apart, and proofs of theirs that can be made again from
their number.
"""

from __future__ import annotations

import random
from functools import cache

from history.v2 import record as r
from history.v2.record import Record
from support.credential import Case, World, case, close, mark, thresholds, transfer, world_of

DAYS = 30
VARIANTS = 4
"""
Histories of each population: few, so that whatever a proof shows of its history shows again and
again.
"""
ASKED = {"volume": 10_000}


@cache
def home() -> World:
    """The default development setup: the committed contract's."""
    return world_of(b"tierproof dev")


def history(population: int, variant: int) -> list[Record]:
    """
    Population 1: many large winning trades a day, deposits. Population 0: one small trade a day,
    some lost.
    """
    source = random.Random(f"{population}/{variant}")
    rows: list[Record] = []
    for day in range(DAYS):
        for _ in range(25 if population else 1):
            value = source.randrange(500, 5_000) if population else source.randrange(-40, 60)
            notional = (
                source.randrange(10**9, 10**11) if population else source.randrange(10**3, 10**4)
            )
            flags = r.MAKER if population and source.random() < 0.7 else 0
            exposure = source.randrange(5, 60)
            rows += close(day, value, notional=notional, flags=flags, exposure=exposure)
        if population and day % 7 == 3:
            rows.append(transfer(day, source.randrange(10**4, 10**6), r.INFLOW | r.BASE))
        rows.append(mark(day, exposure=40 if population else 2))
    return rows


def sample(number: int, *, owner: int | None = None) -> tuple[int, Case]:
    """
    Population and case number `number`: secret, salt, account and place in the tree are its own.

    Parameters
    ----------
    owner : take these from another number, so that several samples differ in nothing but their
        history and blinding.
    """
    population, source = number % 2, random.Random(f"owner {number if owner is None else owner}")
    made = case(
        history(population, number // 2 % VARIANTS),
        DAYS,
        100_000,
        thresholds([10, 11], **ASKED),
        secret=source.getrandbits(250),
        others=source.randrange(8),
        home=home(),
        salt=source.getrandbits(250),
    )
    return population, made.word(3, source.getrandbits(159) + 1)
