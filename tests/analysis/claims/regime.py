"""The regime's factors, and what a poke may do."""

from __future__ import annotations

from itertools import count
from typing import Any

import z3

from tests.analysis.claims.case import (
    ONE,
    SECOND,
    Claim,
    check,
    factors_within,
    seconds,
)
from tests.analysis.formula import Program
from tests.analysis.values import Struct


def _market(p: Program) -> tuple[Struct, Any, Any]:
    market, strictest = p.any_struct("Market", "market"), z3.Int("strictest")
    return (
        market,
        strictest,
        z3.And(p.within("Market", market), factors_within(market.fields, strictest)),
    )


@check(
    ("Regime", "return dead > banded ? dead : banded;", "return dead + banded;"),
    ("Regime", "time < market.staleAt ? market.factorTo", "time < market.staleAt ? Glide.ONE"),
)
def factors_are_bounded_and_opening_is_stricter(p: Program) -> Claim:
    """1.0 <= maintenance's factor <= opening's factor <= the strictest band's, in every second."""
    market, strictest, given = _market(p)
    time, limit = seconds("time")
    held = p.call("Regime.maintenanceFactor", market, strictest, time)
    opening = p.call("Regime.openingFactor", market, strictest, time)
    return Claim(z3.And(given, limit), z3.And(held >= ONE, held <= opening, opening <= strictest))


@check(
    ("Regime", "Glide.ramp(Glide.ONE, strictest, start, time)", "strictest"),
    ("Regime", "market.staleAt + HOLD;\n            if", "market.staleAt;\n            if"),
)
def a_dead_feed_moves_maintenance_slowly_and_late(p: Program) -> Claim:
    """
    Maintenance's factor rises by at most 3/10^4 in 12 seconds, also where the feed dies; and the
    strictest band counts for nothing until the feed has been dead for 72 hours.
    """
    market, strictest, given = _market(p)
    first, second, limit = seconds("first", "second")
    passed = z3.And(second >= first, second <= first + 12)
    before, after = (
        p.call("Regime.maintenanceFactor", market, strictest, time) for time in (first, second)
    )
    fields = market.fields
    banded = z3.If(
        fields["factorTo"] > fields["factorFrom"], fields["factorTo"], fields["factorFrom"]
    )
    held = z3.Implies(first <= fields["staleAt"] + 72 * 3_600, before <= banded)
    return Claim(z3.And(given, limit, passed), z3.And(after - before <= 3, held))


@check(
    (
        "Regime",
        "if (market.staleAt > time) market.staleAt = uint32(time);",
        "market.factorFrom = market.factorTo;",
    ),
    (
        "Regime",
        "market.factorFrom, market.factorTo, market.factorSince, next, held, time",
        "next, market.factorTo, market.factorSince, next, next, time",
    ),
)
def a_poke_makes_nothing_jump(p: Program) -> Claim:
    """
    Whatever a poke reads, and whichever band follows, maintenance's factor does not rise in its
    second; while the sequencer is down neither does the band's factor fall, nor the life of the
    last reading grow.
    """
    market, strictest, given = _market(p)
    feed = p.any_struct("Feed", "feed")
    time, updated, limit = seconds("time", "updatedAt")
    usable, counts_until = z3.Bool("usable"), updated + feed.fields["heartbeat"]
    fresh = z3.Implies(usable, z3.And(updated <= time, time <= counts_until))  # Oracle says so
    numbers = count()
    band_limits = []

    def any_factor(*_: Any) -> list[Any]:
        value = z3.Int(f"factor {next(numbers)}")
        band_limits.append(z3.And(value >= ONE, value <= strictest))
        return [value]

    def any_band(*_: Any) -> list[Any]:
        value = z3.Int(f"band {next(numbers)}")
        band_limits.append(z3.And(value >= 0, value <= 3))
        return [value]

    p.summaries = {
        "Regime.factor": any_factor,
        "Regime.nextBand": any_band,
        "Regime.entered": any_band,
    }
    before = p.call("Regime.maintenanceFactor", market, strictest, time)
    was = dict(market.fields)
    up = z3.Bool("sequencerUp")
    p.call(
        "Regime.poke",
        market, feed, z3.Int("bands"), strictest,
        usable, z3.Int("volatility"), updated, up, time,
    )  # fmt: skip
    after = p.call("Regime.maintenanceFactor", market, strictest, time)
    down = z3.And(
        market.fields["factorTo"] >= was["factorTo"], market.fields["staleAt"] <= was["staleAt"]
    )
    return Claim(
        z3.And(
            given, p.within("Feed", feed), limit, fresh, counts_until + 1 < SECOND, *band_limits
        ),
        z3.And(after <= before, z3.Implies(z3.Not(up), down)),
    )
