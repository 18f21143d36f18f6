"""
Terms as they hold in a second, of a grant, its tier and the market (`Effective.sol`).

Opening (initial margin, fees, leverage, limit) changes at once. Maintenance never jumps up,
whatever the cause: each cause has its own clock, and the end of a grant a glide of its own.

    D = the default's maintenance margin, by its clock       F = the regime's factor, by its
    T = M x conduct, rounded up (M: the tier's); D at level 3
    A = the grant's margin, by its clock: ramp(start, T, since)
    live = min(D, A F, rounded up)
    maintenance = live                                        before the end
                  max(live, ramp(min(start, M, D), D, end))   from it on
    initial     = min(default's, I x conduct x F's target, rounded up once)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from policies.effective.conduct import LIQUIDATED
from policies.effective.glide import ONE, SPAN, Clock, product, ramp, scaled
from policies.effective.regime import HOLD, Regime

CONDUCT_FACTORS = (ONE, 12_500, 15_000)
"""Of levels 0 to 2, 1/10^4; the terms of level 3 are the default's."""


class Status(IntEnum):
    """Where an account's grant stands, as `IEffectiveTerms` numbers it."""

    NONE = 0
    RUNNING = 1
    ENDING = 2
    ENDED = 3


@dataclass(frozen=True, slots=True)
class Tier:
    """
    Terms of a tier.

    Attributes
    ----------
    initial, maintenance : basis points of notional
    taker_fee, maker_fee : 1/100 bp of notional; negative is a rebate
    max_leverage : whole times
    limit : most open notional of a subject, thousands of USD
    """

    initial: int
    maintenance: int
    taker_fee: int
    maker_fee: int
    max_leverage: int
    limit: int


@dataclass(frozen=True, slots=True)
class Default:
    """Terms without a grant; `Tier` says the units."""

    initial: int
    maintenance: Clock
    taker_fee: int
    maker_fee: int
    max_leverage: int

    def retarget(self, terms: Tier, time: int) -> Default:
        """Another default from now on: opening at once, maintenance by its clock."""
        held = self.maintenance.at(time)
        return Default(
            terms.initial,
            self.maintenance.retarget(terms.maintenance, held, time),
            terms.taker_fee,
            terms.maker_fee,
            terms.max_leverage,
        )


@dataclass(frozen=True, slots=True)
class Market:
    """
    The default and the market's regime.

    Attributes
    ----------
    strictest : factor of the strictest band, 1/10^4
    """

    default: Default
    regime: Regime = field(default_factory=Regime)
    strictest: int = ONE

    def maintenance(self, time: int) -> int:
        """The default's maintenance margin, basis points."""
        return self.default.maintenance.at(time)

    def factor(self, time: int) -> int:
        """The regime's factor of maintenance, 1/10^4."""
        return self.regime.maintenance_factor(self.strictest, time)


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds in a second: `IEffectiveTerms.EffectiveTerms`, in its order."""

    initial: int
    maintenance: int
    taker_fee: int
    maker_fee: int
    max_leverage: int
    limit: int
    subject: int
    status: Status
    changes_at: int


@dataclass(frozen=True, slots=True)
class Grant:
    """
    A grant, running or over.

    Attributes
    ----------
    tier : its terms
    end : first second without it, from all causes
    start, since : its clock: maintenance margin before the regime's factor, and when it was set
    level, conduct_until : conduct that it carries, 0..3, and the first second without it
    subject : who stands behind it
    """

    tier: Tier
    end: int
    start: int = 0
    since: int = 0
    level: int = 0
    conduct_until: int = 0
    subject: int = 1

    def level_at(self, time: int) -> int:
        """Conduct that it carries in a second."""
        return self.level if time < self.conduct_until else 0

    def goal(self, market: Market, time: int) -> int:
        """Maintenance margin that it glides to, before the regime's factor."""
        return _goal(self.tier, self.level_at(time), market, time)

    def own(self, market: Market, time: int) -> int:
        """Its maintenance margin by its clock, before the regime's factor."""
        return ramp(self.start, self.goal(market, time), self.since, time)

    def status(self, time: int) -> Status:
        """Where it stands."""
        if time < self.end:
            return Status.RUNNING
        return Status.ENDING if time < self.end + SPAN else Status.ENDED

    def maintenance(self, market: Market, time: int) -> int:
        """Maintenance margin in a second, basis points; at most the default's."""
        default = market.maintenance(time)
        if time >= self.end + SPAN:
            return default
        live = min(default, scaled(self.own(market, time), market.factor(time)))
        if time < self.end:
            return live
        low = min(self.start, self.tier.maintenance, default)
        return max(live, ramp(low, default, self.end, time))

    def retarget(self, tier: Tier, level: int, until: int, market: Market, time: int) -> Grant:
        """
        It with another tier, another conduct or both from now on: its clock goes on, but where its
        target rises it starts at what holds now. The maintenance margin of this second does not
        rise by it.
        """
        level = level if time < until else 0
        own, goal = self.own(market, time), self.goal(market, time)
        held = max(own, self.maintenance(market, time) * ONE // market.factor(time))
        clock = Clock(self.start, goal, self.since).retarget(
            _goal(tier, level, market, time), held, time
        )
        return replace(
            self,
            tier=tier,
            start=clock.start,
            since=clock.since,
            level=level,
            conduct_until=until if level else 0,
        )


def first_grant(
    tier: Tier, end: int, level: int, until: int, market: Market, time: int, subject: int = 1
) -> Grant:
    """The grant of an account that never had one."""
    level = level if time < until else 0
    goal = _goal(tier, level, market, time)
    held = market.maintenance(time) * ONE // market.factor(time)
    clock = Clock(0, 0, 0).retarget(goal, held, time)
    return Grant(tier, end, clock.start, clock.since, level, until if level else 0, subject)


def terms_at(grant: Grant | None, market: Market, time: int) -> Effective:
    """All terms of an account in a second; `grant` is None if it never had one."""
    status = Status.NONE if grant is None else grant.status(time)
    subject = 0 if grant is None else grant.subject
    default = market.default
    maintenance = grant.maintenance(market, time) if grant else market.maintenance(time)
    changes_at = _changes_at(grant, market, time)
    running = grant if grant and status == Status.RUNNING else None
    limit = running.tier.limit if running else 0
    if running is None or running.level_at(time) == LIQUIDATED:
        return Effective(
            default.initial,
            maintenance,
            default.taker_fee,
            default.maker_fee,
            default.max_leverage,
            limit,
            subject,
            status,
            changes_at,
        )
    tier, conduct = running.tier, CONDUCT_FACTORS[running.level_at(time)]
    opening = market.regime.opening_factor(market.strictest, time)
    initial = min(default.initial, product(tier.initial, conduct, opening))
    return Effective(
        initial,
        maintenance,
        tier.taker_fee,
        tier.maker_fee,
        min(tier.max_leverage, ONE // max(initial, 1)),
        limit,
        subject,
        status,
        changes_at,
    )


def _goal(tier: Tier, level: int, market: Market, time: int) -> int:
    if level == LIQUIDATED:
        return market.maintenance(time)
    return scaled(tier.maintenance, CONDUCT_FACTORS[level])


def _changes_at(grant: Grant | None, market: Market, time: int) -> int:
    """First second after this one at which the terms may differ; 0 if none is known."""
    default, regime = market.default.maintenance, market.regime
    if default.at(time) < default.target:
        return time + 1
    if grant is None or time >= grant.end + SPAN:
        return 0
    if (
        time >= grant.end
        or grant.own(market, time) < grant.goal(market, time)
        or market.factor(time) < regime.goal(market.strictest, time)
    ):
        return time + 1
    known = [grant.end]
    if grant.level_at(time):
        known.append(grant.conduct_until)
    if time < regime.stale_at:
        known.append(regime.stale_at)
    elif time < regime.stale_at + HOLD:
        known.append(regime.stale_at + HOLD + 1)
    return min(known)
