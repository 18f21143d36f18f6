"""
Straight-line code gives what folding gives, on both algebras; so the Python verifier checks what
the contract checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

import pytest
from support.small import SMALL

from algebra.interface import Algebra, R
from algebra.native_backend import native
from algebra.reference import reference
from circuits.credential.v2.statement import credential_text
from circuits.language.expression import Expression, cell, constant, named
from circuits.language.program import combined
from verifier.algorithm import by_folding
from verifier.formula import Formula
from verifier.loader import Residue

ALGEBRAS = [native(), reference()]


def some_values(seed: int) -> Callable[[Expression], Residue]:
    """Random values of leaves, edges among them; a constant has its own."""
    source = random.Random(seed)

    @cache
    def value(node: Expression) -> Residue:
        return Residue(source.choice([0, 1, R - 1, source.randrange(R), source.randrange(R)]))

    return lambda node: Residue(node.number % R) if node.kind == constant(0).kind else value(node)


def expressions() -> dict[str, Expression]:
    x, y, s = cell(0), cell(1, 1), named("s")
    square = x * x - y
    out = {
        "leaf": x,
        "number": constant(-7),
        "difference of numbers": s - 5,
        "shared": square * square + square * -3 + s,
        "twice the same": x + x,
        "negative": -(x * y),
    }
    out |= {f"circuit {name}": combined(small().circuit) for name, small in SMALL.items()}
    return out | {"credential": combined(credential_text(1 << 13))}


@pytest.mark.parametrize("algebra", ALGEBRAS, ids=lambda algebra: algebra.name)
@pytest.mark.parametrize("name", expressions())
def test_formula_is_the_fold(name: str, algebra: Algebra) -> None:
    expression = expressions()[name]
    formula = Formula.of(expression)
    assert Formula.of(expression) is formula, "compiled once"
    for seed in range(3):
        leaf = some_values(seed)
        expected = by_folding(expression, leaf).number
        assert formula.evaluate(lambda node, leaf=leaf: leaf(node).number, algebra) == expected  # type: ignore[misc]
