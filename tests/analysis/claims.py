"""What is proven of the arithmetic of effective terms, each with mutants of the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import z3

from tests.analysis.formula import Program, Struct
from tests.analysis.lemmas import (
    Lemmas,
    clock_says,
    clocks_say,
    product_says,
    products_say,
)

LIBRARIES = ("Glide", "Effective", "Regime", "Conduct", "Days")
SPAN = 86_400
ONE = 10_000
SECOND = 2**32
MOST_MAINTENANCE = 2_500
"""Of the default, basis points: a floor of the registry."""
GREATEST_FACTOR = 30_000


@dataclass(frozen=True)
class Claim:
    """
    `given` implies `then`, or each of it, and that no duty of the calls is broken.

    Attributes
    ----------
    by_lemmas : what is needed of products and quotients of unknown numbers stands in `given`
    """

    given: Any
    then: Any
    by_lemmas: bool = False


@dataclass(frozen=True)
class Check:
    """
    Attributes
    ----------
    mutants : (library, text, what stands instead): of each the claim is false
    """

    name: str
    says: str
    claim: Callable[[Program], Claim]
    mutants: tuple[tuple[str, str, str], ...]


CHECKS: list[Check] = []


def check(*mutants: tuple[str, str, str]) -> Callable[[Callable[[Program], Claim]], Check]:
    """A claim by the name of its function; its docstring says what it says."""

    def kept(claim: Callable[[Program], Claim]) -> Check:
        made = Check(claim.__name__, " ".join((claim.__doc__ or "").split()), claim, mutants)
        CHECKS.append(made)
        return made

    return kept


def number(name: str, most: int) -> tuple[z3.ArithRef, z3.BoolRef]:
    """Any number from 0 to below `most`."""
    value = z3.Int(name)
    return value, z3.And(value >= 0, value < most)


def seconds(*names: str) -> tuple[Any, ...]:
    """Any seconds, and that they are."""
    found = [number(name, SECOND) for name in names]
    return (*[value for value, _ in found], z3.And([limit for _, limit in found]))


@dataclass
class Case:
    """Any grant, tier and market within what the registry lets be written."""

    grant: Struct
    tier: Struct
    market: Struct
    strictest: Any
    end: Any
    given: Any


def any_case(p: Program) -> Case:
    """
    Fields within their types, and: the default's maintenance at most 2,500 bp and 80 % of its
    initial, its leverage times that at most 1; a tier's the same, and nowhere worse than the
    default; factors from 1.0 to the strictest band's, at most 3.0; a level from 0 to 3.
    """
    grant, tier, market = (
        p.any_struct(name, name.lower()) for name in ("Grant", "Terms", "Market")
    )
    strictest, end = z3.Ints("strictest end")
    g, t, m = grant.fields, tier.fields, market.fields
    given = [
        p.within("Grant", grant),
        p.within("Terms", tier),
        p.within("Market", market),
        _factors(m, strictest),
        end >= 0,
        end <= g["expiry"],
        g["from"] <= 2 * MOST_MAINTENANCE,
        g["level"] <= 3,
        m["maintenanceFrom"] <= MOST_MAINTENANCE,
        m["maintenanceTo"] <= MOST_MAINTENANCE,
        m["maintenanceTo"] * 5 <= m["initialMarginBp"] * 4,
        m["maxLeverage"] * m["initialMarginBp"] <= ONE,
        _tier_within(t, m),
    ]
    return Case(grant, tier, market, strictest, end, z3.And(given))


def _tier_within(t: dict[str, Any], m: dict[str, Any]) -> Any:
    return z3.And(
        t["initialMarginBp"] >= 200,
        t["maintenanceMarginBp"] >= 100,
        t["maintenanceMarginBp"] * 5 <= t["initialMarginBp"] * 4,
        t["initialMarginBp"] <= m["initialMarginBp"],
        t["maintenanceMarginBp"] <= m["maintenanceTo"],
        t["maxLeverage"] <= 50,
    )


def _factors(m: dict[str, Any], strictest: Any) -> Any:
    return z3.And(
        strictest >= ONE,
        strictest <= GREATEST_FACTOR,
        *[z3.And(m[name] >= ONE, m[name] <= strictest) for name in ("factorFrom", "factorTo")],
    )


def maintenance(p: Program, case: Case, time: Any, end: Any = None) -> Any:
    """The maintenance margin in a second."""
    return p.call(
        "Effective.maintenance",
        case.grant,
        case.tier,
        case.market,
        case.strictest,
        case.end if end is None else end,
        time,
    )


# ---- the clock ----------------------------------------------------------------------------------


def _clock() -> tuple[Any, ...]:
    start, target, since, first, second = z3.Ints("from target since first second")
    given = z3.And([z3.And(value >= 0, value < SECOND) for value in (start, target, since, first)])
    return start, target, since, first, second, z3.And(given, second >= first, second < SECOND)


@check(("Glide", "+ SPAN - 1) / SPAN", "+ 2 * SPAN) / SPAN"))
def a_clock_stays_between(p: Program) -> Claim:
    """A clock is never above its target, and below where it started only for a lower target."""
    start, target, since, time, _, given = _clock()
    value = p.call("Glide.ramp", start, target, since, time)
    return Claim(given, z3.And(value <= target, z3.Implies(target >= start, value >= start)))


@check(
    ("Glide", "(time - since) + SPAN", "(since + SPAN - time) + SPAN"),
    ("Glide", "time >= since + SPAN", "time >= since + 2 * SPAN"),
)
def a_clock_rises_slowly_and_arrives(p: Program) -> Claim:
    """
    As seconds pass a clock never falls; in 12 seconds it rises by at most 1 for each 7,200 that it
    has to rise in all; a day after it began it has arrived.
    """
    start, target, since, first, second, given = _clock()
    before, after = (p.call("Glide.ramp", start, target, since, t) for t in (first, second))
    rise = z3.If(target > start, target - start, 0)
    slow = z3.Implies(second - first <= 12, after - before <= (rise + 7_199) / 7_200)
    return Claim(
        given,
        z3.And(before <= after, slow, z3.Implies(second >= since + SPAN, after == target)),
    )


@check(
    ("Glide", "Math.min(next, held), time", "next, time"),
    ("Glide", "next > target ?", "next < target ?"),
)
def a_clock_for_another_target_does_not_jump(p: Program) -> Claim:
    """
    Given another target a clock stands where it stood, or lower; and a target that does not rise
    leaves it its start.
    """
    start, target, since, now, _, given = _clock()
    following, limit = number("next", SECOND)
    held = p.call("Glide.ramp", start, target, since, now)
    again, begun = p.call("Glide.retarget", start, target, since, following, held, now)
    value = p.call("Glide.ramp", again, following, begun, now)
    kept = z3.Implies(following <= target, z3.And(again == start, begun == since))
    return Claim(z3.And(given, limit), z3.And(value <= held, kept))


@check(("Glide", "+ ONE - 1) / ONE", ") / ONE"))
def products_are_rounded_against_the_account(p: Program) -> Claim:
    """A product is the least whole number that is not below it."""
    amount, first = number("amount", SECOND)
    factor, second = number("factor", SECOND)
    value = p.call("Glide.scaled", amount, factor)
    exact = amount * factor
    return Claim(z3.And(first, second), z3.And(value * ONE >= exact, value * ONE < exact + ONE))


@check(("Glide", "+ SPAN - 1) / SPAN", "+ SPAN - 1) / (SPAN - 1 hours)"))
def clocks_agree(p: Program) -> Claim:
    """What other claims take of clocks (`lemmas.py`)."""
    start, target, since, first, second, given = _clock()
    following, limit = number("next", SECOND)
    begins, also = number("other from", SECOND)
    one, other = (
        (p.call("Glide.ramp", *parts, since, time), *parts, since, time)
        for parts, time in (((start, target), first), ((begins, following), second))
    )
    given = z3.And(given, limit, also)
    return Claim(given, z3.And(clock_says(*one), clocks_say(one, other)))


@check(("Glide", "+ ONE - 1) / ONE", "+ ONE) / ONE"))
def products_agree(p: Program) -> Claim:
    """What other claims take of products (`lemmas.py`)."""
    numbers = [number(name, SECOND) for name in ("amount", "factor", "larger", "stricter")]
    amount, factor, larger, stricter = (value for value, _ in numbers)
    one, other = (
        (p.call("Glide.scaled", *parts), *parts) for parts in ((amount, factor), (larger, stricter))
    )
    given = z3.And([limit for _, limit in numbers])
    return Claim(given, z3.And(product_says(*one), products_say(one, other)))


@check(("Glide", "+ ONE - 1) / ONE", "+ ONE) / ONE"))
def divided_and_multiplied_again(p: Program) -> Claim:
    """A margin divided by a factor, rounded down, times that factor is not above it."""
    margin, first = number("margin", 1 << 16)
    factor, second = number("factor", GREATEST_FACTOR + 1)
    part = margin * ONE / factor
    value = p.call("Glide.scaled", part, factor)
    given = z3.And(first, second, factor >= ONE)
    return Claim(given, z3.And(value <= margin, part <= margin, part >= 0))


# ---- the regime ---------------------------------------------------------------------------------


def _market(p: Program) -> tuple[Struct, Any, Any]:
    market, strictest = p.any_struct("Market", "market"), z3.Int("strictest")
    return market, strictest, z3.And(p.within("Market", market), _factors(market.fields, strictest))


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


# ---- effective terms ----------------------------------------------------------------------------


@check(
    ("Effective", "if (live > base) live = base;", ""),
    ("Effective", "if (low > live) live = low;", "live = base + low;"),
)
def maintenance_is_never_worse_than_the_defaults(p: Program) -> Claim:
    """The maintenance margin is at most the default's, and before the end no lower than the
    lowest of the default's, the grant's clock and where that goes."""
    case = any_case(p)
    time, limit = seconds("time")
    value = maintenance(p, case, time)
    base = p.call("Effective.defaultMaintenance", case.market, time)
    level = p.call("Effective.levelOf", case.grant, time)
    goal = p.call("Effective.target", level, case.tier, base)
    own = case.grant.fields["from"]
    least = z3.Or(value >= base, value >= own, value >= goal)
    return Claim(z3.And(case.given, limit), z3.And(value <= base, least))


@check(
    ("Effective", "low = Glide.ramp(low, base, end, time);", "low = base;"),
    ("Effective", "if (time < end) return live;", ""),
)
def the_end_of_a_grant_does_not_jump(p: Program) -> Claim:
    """In the second in which a grant ends its maintenance margin is what it would be without that
    end, or lower; a day later it is the default's; until it ends an end is not seen."""
    case, lemmas = any_case(p), Lemmas(p, z3.Int("strictest"))
    time, limit = seconds("time")
    never = case.grant.fields["expiry"] + SECOND
    with_end, without = maintenance(p, case, time), maintenance(p, case, time, never)
    base = p.call("Effective.defaultMaintenance", case.market, time)
    granted = case.grant.fields["tier"] > 0
    begins = z3.Implies(time <= case.end, with_end <= without)
    over = z3.Implies(time >= case.end + SPAN, with_end == base)
    return Claim(z3.And(case.given, limit, granted, lemmas.said()), z3.And(begins, over))


@check(
    (
        "Effective",
        "held = Math.max(held, Glide.ramp(grant.from, goal, grant.since, time));",
        "held = goal;",
    ),
    ("Effective", "target(level, next, base), held, time", "target(level, next, base), goal, time"),
    ("Effective", "* Glide.ONE\n            / Regime", "* Glide.ONE * 2\n            / Regime"),
)
def a_write_makes_nothing_jump(p: Program) -> Claim:
    """
    A renewal, a recovery, an upgrade, a downgrade, a move or a report, to any tier and any level:
    the maintenance margin of its second does not rise by it.
    """
    case, lemmas = any_case(p), Lemmas(p, z3.Int("strictest"))
    following = p.any_struct("Terms", "next")
    level, first = number("level", 4)
    time, until, later, limit = seconds("time", "until", "later")
    before = maintenance(p, case, time)
    p.call(
        "Effective.retarget",
        case.grant, case.tier, following, level, until, case.market, case.strictest, case.end, time,
    )  # fmt: skip
    granted = z3.Int("serial")
    case.grant.fields["tier"] = granted
    after = p.call(
        "Effective.maintenance",
        case.grant, following, case.market, case.strictest, later, time,
    )  # fmt: skip
    terms = z3.And(p.within("Terms", following), _tier_within(following.fields, case.market.fields))
    given = z3.And(case.given, terms, first, limit, later > time, granted > 0)
    ((part, whole, factor),) = p.quotients
    (back,) = lemmas.scaled(z3.BoolVal(True), part, factor)
    divided = z3.Implies(  # what `divided_and_multiplied_again` proves
        z3.And(whole == before * ONE, before < 1 << 16, factor >= ONE, factor <= GREATEST_FACTOR),
        z3.And(back <= before, part <= before, part >= 0),
    )
    return Claim(z3.And(given, divided, lemmas.said()), after <= before, by_lemmas=True)


@check(
    ("Effective", "if (initial > market.initialMarginBp) initial = market.initialMarginBp;", ""),
    ("Effective", "if (leverage * initial > Glide.ONE) leverage = Glide.ONE / initial;", ""),
    ("Effective", "Regime.openingFactor(market, strictest, time)", "Glide.ONE"),
    ("Effective", "terms.limit = tier.limit;", "terms.limit = tier.limit + 1;"),
)
def what_is_told_is_in_order(p: Program) -> Claim:
    """
    In every second: initial margin at most the default's and no lower than the tier's, leverage
    times it at most 1, maintenance at most initial and the same as by itself, the tier's limit
    while the grant runs and none after.
    """
    case, lemmas = any_case(p), Lemmas(p, z3.Int("strictest"))
    time, limit = seconds("time")
    terms = p.any_struct("EffectiveTerms", "told")
    terms.fields = {name: 0 for name in terms.fields}
    p.call(
        "Effective.fill",
        terms, case.grant, case.tier, case.market, case.strictest, case.end, time,
    )  # fmt: skip
    exact = [
        z3.Implies(
            z3.And(whole >= 0, part > 0), z3.And(most * part <= whole, most >= 0, most <= whole)
        )
        for most, whole, part in p.quotients
    ]
    told, m, t = terms.fields, case.market.fields, case.tier.fields
    runs = z3.And(case.grant.fields["tier"] > 0, time < case.end)
    alone, above = maintenance(p, case, time), _initial_is_above(p, case, lemmas, time)
    return Claim(
        z3.And(
            case.given,
            limit,
            lemmas.said(),
            above,
            *exact,
        ),
        [
            told["initialMarginBp"] <= m["initialMarginBp"],
            told["initialMarginBp"] >= t["initialMarginBp"],
            told["maxLeverage"] * told["initialMarginBp"] <= ONE,
            told["maintenanceMarginBp"] <= told["initialMarginBp"],
            told["maintenanceMarginBp"] == alone,
            told["limit"] == z3.If(runs, t["limit"], 0),
        ],
        by_lemmas=True,
    )


def _initial_is_above(p: Program, case: Case, lemmas: Lemmas, time: Any) -> Any:
    """What `an_initial_margin_is_above_a_maintenance_margin` proves, of this case."""
    level = p.call("Effective.levelOf", case.grant, time)
    factor, opening = (
        p.call("Effective.conductFactor", level),
        p.call("Regime.openingFactor", case.market, case.strictest, time),
    )
    (own,) = lemmas.scaled(z3.BoolVal(True), case.tier.fields["maintenanceMarginBp"], factor)
    (least,) = lemmas.scaled(z3.BoolVal(True), own, opening)
    return z3.Implies(level < 3, _above(case.tier.fields, least, factor * opening))


def _above(t: dict[str, Any], least: Any, factors: Any) -> Any:
    """Of a tier's initial margin times both factors, 1/10^8."""
    product = t["initialMarginBp"] * factors
    initial = (product + ONE * ONE - 1) / (ONE * ONE)
    sized = z3.And(factors <= 15_000 * GREATEST_FACTOR, product >= 0, product < 2**64)
    return z3.And(least <= initial, initial >= t["initialMarginBp"], sized)


@check(("Effective", "Glide.ONE + 2_500 * level", "Glide.ONE + 5_000 * level * level"))
def an_initial_margin_is_above_a_maintenance_margin(p: Program) -> Claim:
    """
    With the same conduct, and a factor of opening: a tier's maintenance margin, rounded up twice,
    is at most its initial margin, rounded up once, and that at least the tier's own.
    """
    tier, opening = p.any_struct("Terms", "terms"), z3.Int("opening")
    level, first = number("level", 3)
    factor = p.call("Effective.conductFactor", level)
    own = p.call("Glide.scaled", tier.fields["maintenanceMarginBp"], factor)
    least = p.call("Glide.scaled", own, opening)
    given = z3.And(
        first,
        opening >= ONE,
        opening <= GREATEST_FACTOR,
        p.within("Terms", tier),
        tier.fields["initialMarginBp"] >= 200,
        tier.fields["maintenanceMarginBp"] * 5 <= tier.fields["initialMarginBp"] * 4,
    )
    return Claim(given, _above(tier.fields, least, factor * opening))


@check(
    ("Effective", "low = Glide.ramp(low, base, end, time);", "low = base;"),
    ("Effective", "time < end + Glide.SPAN", "time < end + Glide.SPAN / 2"),
)
def maintenance_rises_slowly(p: Program) -> Claim:
    """
    While nothing is written, whatever begins or ends meanwhile, maintenance margin rises by at most
    4 basis points in 12 seconds, by at most 7 of an account that was liquidated. Given is that the
    tier's is not above the default's: a tier's notice is longer than a glide.
    """
    case, lemmas = any_case(p), Lemmas(p, z3.Int("strictest"))
    first, second, limit = seconds("first", "second")
    passed = z3.And(second >= first, second <= first + 12)
    before, after = (maintenance(p, case, time) for time in (first, second))
    one, other = (
        p.call("Regime.maintenanceFactor", case.market, case.strictest, time)
        for time in (first, second)
    )
    base = p.call("Effective.defaultMaintenance", case.market, first)
    below = case.tier.fields["maintenanceMarginBp"] <= base
    liquidated = p.call("Effective.levelOf", case.grant, first) == 3
    given = z3.And(case.given, limit, passed, other - one <= 3, below, lemmas.said())
    return Claim(given, after - before <= z3.If(liquidated, 7, 4))


# ---- conduct ------------------------------------------------------------------------------------


def _record(p: Program, name: str) -> tuple[Struct, Any]:
    """Any record of which the rest is no more than the whole, which `kept` proves to stay so."""
    record = p.any_struct("ConductRecord", name)
    return record, z3.And(
        p.within("ConductRecord", record), record.fields["level"] <= 3, _kept(record)
    )


def _kept(record: Struct) -> Any:
    fields = record.fields
    return z3.And(fields["restLevel"] <= fields["level"], fields["restUntil"] <= fields["until"])


def _level(p: Program, record: Struct, time: Any) -> Any:
    return p.call("Conduct.levelAt", record.copy(), time)


@check(
    ("Conduct", "uint8(Math.max(level, other))", "other"),
    ("Conduct", "if (level == 0) return record;", "if (level < 2) return record;"),
    ("Conduct", "(restLevel, restUntil) = (record.level, record.until);", ""),
)
def a_report_takes_no_level_back(p: Program) -> Claim:
    """
    After a report the account has that level at least until the level's time is over, and in no
    second a lower one than without it. Without the word of the record's engine it has what the
    others said.
    """
    record, given = _record(p, "record")
    level, first = number("level", 4)
    engine, second = number("engine", 256)
    now, later, limit = seconds("now", "later")
    after = p.call("Conduct.reported", record.copy(), level, engine, now)
    rest_before, rest_after = (
        _level(p, p.call("Conduct.withoutEngine", each.copy()), later) for each in (record, after)
    )
    counts = later < now + p.call("Conduct.period", level)
    own = after.fields["engine"] == engine
    taken_over = z3.And(own, record.fields["engine"] != engine)
    given = z3.And(given, first, second, limit, later >= now, now + 90 * SPAN < SECOND)
    return Claim(
        given,
        [
            _level(p, after, later) >= _level(p, record, later),
            z3.Implies(counts, _level(p, after, later) >= level),
            rest_after >= rest_before,
            z3.Implies(z3.And(counts, z3.Not(own)), rest_after >= level),
            z3.Implies(taken_over, rest_after >= _level(p, record, later)),
            _kept(after),
        ],
    )


@check(
    ("Conduct", "if (level == 0) return record;", "return record;"),
    ("Conduct", "if (had == 0) return other;", "return other;"),
)
def a_record_that_is_carried_takes_no_level_back(p: Program) -> Claim:
    """
    Carried into another account's record, a level holds there at least as long, and the other's own
    in every second too, with and without the word of an engine; carried again it changes nothing.
    """
    (record, one), (other, two) = _record(p, "record"), _record(p, "other")
    now, later, limit = seconds("now", "later")
    once = p.call("Conduct.joined", record.copy(), other.copy(), now)
    twice = p.call("Conduct.joined", once.copy(), other.copy(), now)
    level = _level(p, once, later)
    return Claim(
        z3.And(one, two, limit, later >= now),
        [
            level >= _level(p, record, later),
            level >= _level(p, other, later),
            _level(p, twice, later) == level,
            _kept(once),
        ],
    )


# ---- days ---------------------------------------------------------------------------------------


@check(("Days", "lastDay << 16", "lastDay << 15"))
def a_window_keeps_both_of_its_days(p: Program) -> Claim:
    """A window in 32 bits is read back as the days that it was made of."""
    first, one = number("firstDay", 1 << 16)
    last, two = number("lastDay", 1 << 16)
    word = p.call("Days.window", first, last)
    return Claim(z3.And(one, two), z3.And(word % 65_536 == first, word / 65_536 == last))
