"""What is read off the text, beside the model that the EVM is compared with, on random accounts."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import z3

from policies.effective.terms import terms_at
from tests.analysis.formula import DIVIDED, Program
from tests.analysis.values import Struct
from tests.support.effective import STRICTEST, State, states

SEED = 20_261_130


def disagreements(p: Program, count: int) -> list[State]:
    """Accounts of which `Effective.fill`, as it is read, tells other terms than the model does."""
    return [state for state in states(SEED, count) if told(p, state) != modelled(state)]


def told(p: Program, state: State) -> tuple[int, ...]:
    """Terms by the text."""
    grant, tier, market = _grant(p, state), _tier(p, state), _market(p, state)
    terms = _struct(p, "EffectiveTerms", (0,) * len(p.structs["EffectiveTerms"]["members"]))
    end = state.grant.end if state.grant else 0
    p.call("Effective.fill", terms, grant, tier, market, STRICTEST, end, state.time)
    return tuple(_number(value) for value in terms.fields.values())


def modelled(state: State) -> tuple[int, ...]:
    """Terms by the model."""
    return tuple(int(value) for value in astuple(terms_at(state.grant, state.market, state.time)))


def _struct(p: Program, name: str, words: tuple[int, ...]) -> Struct:
    names = [each["name"] for each in p.structs[name]["members"]]
    return Struct(dict(zip(names, words, strict=True)))


def _grant(p: Program, state: State) -> Struct:
    grant = state.grant
    if grant is None:
        return _struct(p, "Grant", (0,) * 9)
    head = (grant.end, grant.since, grant.start, grant.conduct_until, grant.level)
    return _struct(p, "Grant", (*head, 1, 0, 0, grant.subject))


def _tier(p: Program, state: State) -> Struct:
    words = (0,) * 6 if state.grant is None else tuple(astuple(state.grant.tier))[:6]
    return _struct(p, "Terms", (*words, 30))


def _market(p: Program, state: State) -> Struct:
    default, regime = state.market.default, state.market.regime
    clock = default.maintenance
    return _struct(
        p,
        "Market",
        (
            *(default.initial, clock.start, clock.target, clock.since),
            *(default.taker_fee, default.maker_fee, default.max_leverage),
            *(regime.factor.start, regime.factor.target, regime.factor.since, regime.stale_at, 0),
        ),
    )


def _number(value: Any) -> int:
    if isinstance(value, int):
        return value
    whole, (left, right) = z3.IntSort(), (z3.Var(i, z3.IntSort()) for i in (0, 1))
    divided = z3.Function(DIVIDED, whole, whole, whole)
    return int(z3.simplify(z3.substitute_funs(value, (divided, left / right))).as_long())
