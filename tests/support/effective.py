"""Random grants, tiers and markets, about seconds at which something happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from policies.effective.glide import ONE, SPAN, Clock
from policies.effective.regime import HOLD, NO_FEED, Band, Regime
from policies.effective.terms import Default, Grant, Market, Tier

STRICTEST = 20_000
BANDS = (Band(0, 0, ONE), Band(6_000, 5_000, 13_000), Band(9_000, 7_500, STRICTEST))
NOW = 1_800_000_000
MAX_MAINTENANCE = 2_500  # of the default, basis points


@dataclass(frozen=True, slots=True)
class State:
    """An account in a second."""

    grant: Grant | None
    market: Market
    time: int


def tier_of(random: Random, default: Tier) -> Tier:
    """A tier nowhere worse than the default, within the floors of a registry."""
    initial = random.randint(200, default.initial)
    maintenance = random.randint(100, min(initial * 8 // 10, default.maintenance))
    leverage = random.randint(default.max_leverage, max(default.max_leverage, ONE // initial))
    taker = random.randint(-100, default.taker_fee)
    return Tier(
        initial,
        maintenance,
        taker,
        random.randint(-taker, default.maker_fee),
        min(leverage, 50),
        random.randrange(1 << 32),
    )


def default_of(random: Random) -> Tier:
    """A default's terms."""
    maintenance = random.randint(150, MAX_MAINTENANCE)
    initial = random.randint(-(-maintenance * 10 // 8), 5_000)
    return Tier(initial, maintenance, 10_000, 10_000, random.randint(1, ONE // initial), 0)


def market_of(random: Random, default: Tier, time: int) -> Market:
    """A market with clocks that run, rest, or have not begun, and a feed in any state."""
    clock = Clock(random.randint(100, MAX_MAINTENANCE), default.maintenance, about(random, time))
    factors = [band.factor for band in BANDS]
    factor = Clock(
        random.choice([*factors, random.randint(ONE, STRICTEST)]),
        random.choice(factors),
        about(random, time),
    )
    stale_at = random.choice(
        [NO_FEED, time + 3_600, about(random, time), about(random, time - HOLD)]
    )
    base = Default(
        default.initial, clock, default.taker_fee, default.maker_fee, default.max_leverage
    )
    return Market(base, Regime(factor, stale_at), STRICTEST)


def about(random: Random, time: int) -> int:
    """A second at, within one of, or some way from one at which a clock starts or ends."""
    edge = random.choice([time, time - SPAN, time - random.randrange(SPAN)])
    return edge + random.choice([-1, 0, 1, random.randint(-2 * SPAN, SPAN)])


def state_of(random: Random) -> State:
    """An account in a second."""
    default, time = default_of(random), NOW + random.randrange(SPAN)
    market = market_of(random, default, time)
    if random.random() < 0.02:
        return State(None, market, time)
    tier = tier_of(random, default)
    until = random.choice([0, about(random, time), time + 3 * SPAN])
    grant = Grant(
        tier,
        random.choice([about(random, time), time + 30 * SPAN]),
        random.choice([tier.maintenance, random.randint(1, MAX_MAINTENANCE)]),
        about(random, time),
        random.randrange(4),
        until,
        random.randrange(1, 1 << 56),
    )
    return State(grant, market, time)


def states(seed: int, count: int) -> Iterator[State]:
    """`count` accounts, the same for the same seed."""
    random = Random(seed)
    return (state_of(random) for _ in range(count))
