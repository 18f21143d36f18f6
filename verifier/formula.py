"""An expression as straight-line code over its leaves, which an algebra runs on single numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from algebra.interface import ADD, MULTIPLY, SCALAR, SUBTRACT, Algebra, Program
from circuits.expression import ADDITION, PRODUCT, SUBTRACTION, Expression, walk


@dataclass(frozen=True, slots=True)
class Formula:
    """
    Parameters
    ----------
    program : reads no column; scalar i is the value of leaf i, and every other node has a register of its own.
    leaves : constants, names, cells and rows of the expression, in the order in which a fold meets them.
    """

    program: Program
    leaves: tuple[Expression, ...]

    @staticmethod
    @lru_cache(maxsize=16)
    def of(expression: Expression) -> Formula:
        """Compile, once for each expression: nodes in the order of `walk`, so that operands come before their use."""
        operation = {ADDITION: ADD, SUBTRACTION: SUBTRACT, PRODUCT: MULTIPLY}
        leaves: list[Expression] = []
        code: list[tuple[int, int, int, int]] = []
        operand: dict[int, int] = {}
        for node in walk([expression]):
            if node.kind < ADDITION:
                operand[id(node)] = SCALAR | len(leaves)
                leaves.append(node)
            else:
                operand[id(node)] = len(code)  # a register
                code.append((operation[node.kind], len(code), operand[id(node.left)], operand[id(node.right)]))
        instructions = np.array(code, dtype=np.int32).reshape(-1, 4)
        return Formula(Program(instructions, len(code), (), (operand[id(expression)],)), tuple(leaves))

    def evaluate(self, leaf: Callable[[Expression], int], algebra: Algebra) -> int:
        """The expression's value mod r; `leaf` gives the value of each leaf, in [0, r)."""
        return algebra.run_once(self.program, [leaf(node) for node in self.leaves])[0]
