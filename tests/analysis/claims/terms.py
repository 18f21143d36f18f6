"""Effective terms: what they tell in a second, and that nothing makes maintenance jump."""

from __future__ import annotations

from typing import Any

import z3

from tests.analysis.claims.case import (
    GREATEST_FACTOR,
    ONE,
    SECOND,
    SPAN,
    Case,
    Claim,
    any_case,
    check,
    maintenance,
    number,
    seconds,
    tier_within,
)
from tests.analysis.formula import Program
from tests.analysis.lemmas import Lemmas


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
    terms = z3.And(p.within("Terms", following), tier_within(following.fields, case.market.fields))
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
