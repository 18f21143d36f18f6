"""What a claim is, and the grants, tiers and markets that claims speak of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import z3

from tests.analysis.formula import Program
from tests.analysis.values import Struct

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
        factors_within(m, strictest),
        end >= 0,
        end <= g["expiry"],
        g["from"] <= 2 * MOST_MAINTENANCE,
        g["level"] <= 3,
        m["maintenanceFrom"] <= MOST_MAINTENANCE,
        m["maintenanceTo"] <= MOST_MAINTENANCE,
        m["maintenanceTo"] * 5 <= m["initialMarginBp"] * 4,
        m["maxLeverage"] * m["initialMarginBp"] <= ONE,
        tier_within(t, m),
    ]
    return Case(grant, tier, market, strictest, end, z3.And(given))


def tier_within(t: dict[str, Any], m: dict[str, Any]) -> Any:
    return z3.And(
        t["initialMarginBp"] >= 200,
        t["maintenanceMarginBp"] >= 100,
        t["maintenanceMarginBp"] * 5 <= t["initialMarginBp"] * 4,
        t["initialMarginBp"] <= m["initialMarginBp"],
        t["maintenanceMarginBp"] <= m["maintenanceTo"],
        t["maxLeverage"] <= 50,
    )


def factors_within(m: dict[str, Any], strictest: Any) -> Any:
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
