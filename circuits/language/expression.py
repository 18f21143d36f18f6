"""
Expressions over the cells of a row: the words in which constraints are written
(docs/explanation/protocol.md 3.1).

An expression is a small immutable graph of additions and multiplications over constants, named
scalars (public words and challenges) and cells. Equal expressions are one object, so that a shared
subexpression is computed once by every reader: trace checker, quotient program, verifier, contract
generator, degree and interval analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar, Union

from algebra.interface import R

T = TypeVar("T")
Operand = Union["Expression", int]

CONSTANT, NAMED, CELL, ROW, ADDITION, SUBTRACTION, PRODUCT = range(7)


class Expression:
    """
    One node. Make nodes with the functions below and with `+`, `-`, `*`; never by calling the
    class.

    kind : CONSTANT (value), NAMED (name of a scalar), CELL ((column, rotation)), ROW (the row whose
        Lagrange
    polynomial it is), ADDITION, SUBTRACTION, PRODUCT (left, right).
    """

    __slots__ = ("degree", "kind", "left", "right", "value")
    _known: dict[tuple[object, ...], Expression] = {}  # noqa: RUF012

    kind: int
    value: object
    left: Expression
    right: Expression
    degree: int

    def __add__(self, other: Operand) -> Expression:
        return _binary(ADDITION, self, wrap(other))

    def __radd__(self, other: Operand) -> Expression:
        return _binary(ADDITION, wrap(other), self)

    def __sub__(self, other: Operand) -> Expression:
        return _binary(SUBTRACTION, self, wrap(other))

    def __rsub__(self, other: Operand) -> Expression:
        return _binary(SUBTRACTION, wrap(other), self)

    def __mul__(self, other: Operand) -> Expression:
        return _binary(PRODUCT, self, wrap(other))

    def __rmul__(self, other: Operand) -> Expression:
        return _binary(PRODUCT, wrap(other), self)

    def __neg__(self) -> Expression:
        return _binary(SUBTRACTION, ZERO, self)

    @property
    def place(self) -> tuple[int, int]:
        """(column, rotation) of a CELL."""
        return self.value  # type: ignore[return-value]

    @property
    def number(self) -> int:
        """The number of a CONSTANT, or the row of a ROW."""
        return self.value  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """The name of a NAMED scalar."""
        return str(self.value)

    def __repr__(self) -> str:
        return fold(
            self,
            leaf=lambda e: (
                {CELL: "cell", ROW: "row", NAMED: "", CONSTANT: ""}[e.kind] + str(e.value)
            ),
            add=lambda a, b: f"({a} + {b})",
            subtract=lambda a, b: f"({a} - {b})",
            multiply=lambda a, b: f"{a} * {b}",
        )


def _node(
    kind: int, value: object, left: Expression | None, right: Expression | None, degree: int
) -> Expression:
    key = (kind, value, id(left), id(right))
    node = Expression._known.get(key)
    if node is None:
        node = Expression()
        node.kind, node.value, node.degree = kind, value, degree
        if left is not None and right is not None:
            node.left, node.right = left, right
        Expression._known[key] = node
    return node


def constant(value: int) -> Expression:
    """A number mod R. Small negative numbers stay readable: the signed representative is kept."""
    value %= R
    return _node(CONSTANT, value - R if value > R // 2 else value, None, None, 0)


def named(name: str) -> Expression:
    """
    A scalar that prover and verifier know by name: a public word, a value made from some, or a
    challenge.
    """
    return _node(NAMED, name, None, None, 0)


def cell(column: int, rotation: int = 0) -> Expression:
    """The value of a column in this row (0) or the next (1)."""
    if rotation not in (0, 1):
        raise ValueError(f"rotation: {rotation} is neither 0 nor 1")
    return _node(CELL, (column, rotation), None, None, 1)


def row_indicator(row: int) -> Expression:
    """One on a single row, zero on the others; the verifier evaluates it by itself."""
    return _node(ROW, row, None, None, 1)


def wrap(value: Operand) -> Expression:
    """A number as a constant; an expression as it is."""
    return value if isinstance(value, Expression) else constant(value)


ZERO, ONE = constant(0), constant(1)


def _binary(kind: int, a: Expression, b: Expression) -> Expression:
    if a.kind == CONSTANT and b.kind == CONSTANT:
        x, y = a.number, b.number
        return constant(x + y if kind == ADDITION else x - y if kind == SUBTRACTION else x * y)
    if kind == PRODUCT:
        if a is ZERO or b is ZERO:
            return ZERO
        if a is ONE:
            return b
        if b is ONE:
            return a
        return _node(kind, None, a, b, a.degree + b.degree)
    if b is ZERO:
        return a
    if a is ZERO and kind == ADDITION:
        return b
    return _node(kind, None, a, b, max(a.degree, b.degree))


def add_all(terms: Iterable[Operand]) -> Expression:
    """Sum of the terms."""
    total = ZERO
    for term in terms:
        total = total + term
    return total


def multiply_all(factors: Iterable[Operand]) -> Expression:
    """Product of the factors."""
    total = ONE
    for factor in factors:
        total = total * factor
    return total


def compose(limbs: Sequence[Expression], width: int) -> Expression:
    """sum of limbs[i] * 2^(width i), lowest first."""
    return add_all(limb * (1 << width * i) for i, limb in enumerate(limbs))


def power(base: Expression, exponent: int) -> Expression:
    """base^exponent by repeated squaring, shared with other powers of the same base."""
    if exponent == 0:
        return ONE
    half = power(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half


def walk(roots: Iterable[Expression]) -> Sequence[Expression]:
    """Every node below the roots once, operands before the nodes that use them."""
    return _walk(tuple(roots))


@lru_cache(maxsize=64)
def _walk(roots: tuple[Expression, ...]) -> Sequence[Expression]:
    order: list[Expression] = []
    seen: set[int] = set()
    stack = [(node, False) for node in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            if node.kind >= ADDITION:
                stack += [(node.right, False), (node.left, False)]
    return order


def fold_all(
    roots: Sequence[Expression],
    *,
    leaf: Callable[[Expression], T],
    add: Callable[[T, T], T],
    subtract: Callable[[T, T], T],
    multiply: Callable[[T, T], T],
) -> list[T]:
    """Interpret several expressions, each shared node once."""
    values: dict[int, T] = {}
    rules = {ADDITION: add, SUBTRACTION: subtract, PRODUCT: multiply}
    for node in walk(roots):
        if node.kind < ADDITION:
            values[id(node)] = leaf(node)
        else:
            values[id(node)] = rules[node.kind](values[id(node.left)], values[id(node.right)])
    return [values[id(root)] for root in roots]


def fold(
    root: Expression,
    *,
    leaf: Callable[[Expression], T],
    add: Callable[[T, T], T],
    subtract: Callable[[T, T], T],
    multiply: Callable[[T, T], T],
) -> T:
    """Interpret one expression over any arithmetic."""
    return fold_all([root], leaf=leaf, add=add, subtract=subtract, multiply=multiply)[0]
