"""An expression as straight-line code over its leaves, which an algebra runs on single numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from algebra.interface import ADD, MULTIPLY, SCALAR, SUBTRACT, Algebra, Program, R
from circuits.language.expression import ADDITION, CONSTANT, PRODUCT, SUBTRACTION, Expression, walk


@dataclass(frozen=True, slots=True)
class Formula:
    """
    Parameters
    ----------
    program : reads no column; scalar i is the value of leaf i, and every other node has a register
        of its own.
    leaves : names, cells and rows of the expression, first.
    constants : its numbers mod r, after the leaves.
    """

    program: Program
    leaves: tuple[Expression, ...]
    constants: tuple[int, ...]

    @staticmethod
    @lru_cache(maxsize=16)
    def of(expression: Expression) -> Formula:
        """
        Compile, once for each expression: nodes in the order of `walk`, so that operands come
        before their use.
        """
        operation = {ADDITION: ADD, SUBTRACTION: SUBTRACT, PRODUCT: MULTIPLY}
        order = walk([expression])
        leaves = [node for node in order if node.kind < ADDITION and node.kind != CONSTANT]
        constants = [node for node in order if node.kind == CONSTANT]
        operand = {id(node): SCALAR | i for i, node in enumerate([*leaves, *constants])}
        code: list[tuple[int, int, int, int]] = []
        for node in order:
            if node.kind >= ADDITION:
                operand[id(node)] = len(code)  # a register
                code.append(
                    (
                        operation[node.kind],
                        len(code),
                        operand[id(node.left)],
                        operand[id(node.right)],
                    )
                )
        program = Program(
            np.array(code, np.int32).reshape(-1, 4), len(code), (), (operand[id(expression)],)
        )
        return Formula(program, tuple(leaves), tuple(node.number % R for node in constants))

    def evaluate(self, leaf: Callable[[Expression], int], algebra: Algebra) -> int:
        """The expression's value mod r; `leaf` gives the value of each leaf, in [0, r)."""
        return algebra.run_once(self.program, [*map(leaf, self.leaves), *self.constants])[0]
