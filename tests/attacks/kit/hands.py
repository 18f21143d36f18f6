"""
Hands of a forger in a credential's trace: limbs with their multiplicities, and every rule that
defines a cell run forwards.

`follow` is the honest continuation from any row on: what a rule defines is computed anew, unless
the lie breaks that rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

from attacks.kit.trace import Trace
from support.credential import LAYOUT, world

from algebra.interface import R
from circuits.credential.v2.layout import PERMUTATIONS, TREE_DEPTH
from circuits.credential.v2.sponge import FEED, LEAF, NULLIFIER, PATH
from circuits.credential.v2.trace import LIMB_BITS, RANGE
from circuits.language.circuit import END_ROWS, FIRST, Circuit, Constraint
from circuits.language.expression import CELL, SUBTRACTION

Broken = frozenset[tuple[str, int]]
"""Labels with the rows on which a lie breaks them."""
NOTHING: Broken = frozenset()
REGISTERS = ("v", "slope", "sum")


def signed(value: int) -> int:
    """The representative nearest to zero."""
    return value - R if value > R // 2 else value


# -- cells -----------------------------------------------------------------------------------------
def set_limb(trace: Trace, row: int, limb: int, value: int) -> None:
    """One limb of any size, and the multiplicities of what it was and is."""
    value %= R
    old = trace.get(f"limb{limb}", row)
    trace.put(f"limb{limb}", row, value)
    if row < trace.circuit.size - END_ROWS:
        for entry, step in ((old, -1), (value, 1)):
            if entry < RANGE:
                trace.add("multiplicity", entry, step)


def set_limbs(trace: Trace, row: int, start: int, count: int, value: int) -> None:
    """A number in consecutive limbs; OverflowError if it has none."""
    if not 0 <= value < 1 << LIMB_BITS * count:
        raise OverflowError(f"row {row}: {value} has no {count} limbs")
    for i in range(count):
        set_limb(trace, row, start + i, value >> LIMB_BITS * i & (RANGE - 1))


def get_limbs(trace: Trace, row: int, start: int, count: int) -> int:
    return sum(trace.get(f"limb{start + i}", row) << LIMB_BITS * i for i in range(count))


def set_free(trace: Trace, row: int, *values: int, start: int = 0) -> None:
    for i, value in enumerate(values):
        trace.put(f"free{start + i}", row, value)


# -- rules run forwards ----------------------------------------------------------------------------
@cache
def rules_by_row() -> dict[int, list[Constraint]]:
    """Constraints of every row that belong to a kind, in order."""
    out: dict[int, list[Constraint]] = defaultdict(list)
    for constraint in world().circuit.constraints:
        if not constraint.guard:
            for row in constraint.rows:
                out[row].append(constraint)
    return out


def defined(circuit: Circuit, constraint: Constraint) -> tuple[str, int] | None:
    """
    The cell that a rule `cell - value` defines: a stage-1 cell of this row, or a register of the
    next.
    """
    body = constraint.body
    if body.kind != SUBTRACTION or body.left.kind != CELL:
        return None
    column, rotation = body.left.place
    spec = circuit.columns[column]
    return (spec.name, rotation) if rotation or spec.stage == FIRST else None


def follow(trace: Trace, rows: Iterable[int], broken: Broken = NOTHING) -> None:
    """
    Compute what the rules of the rows define, in order; rules in `broken` are left as they stand.
    """
    for row in rows:
        for constraint in rules_by_row()[row]:
            target = defined(trace.circuit, constraint)
            if target is not None and (constraint.label, row) not in broken:
                trace.put(target[0], row + target[1], trace.value(constraint.body.right, row))


def rehash(trace: Trace, start: int = LAYOUT.hashes, broken: Broken = NOTHING) -> None:
    """
    The hash region from a row on: digests climb the tree, and the prover publishes what comes out,
    as if a careless quorum had signed it.
    """
    owner_tag, nullifier, feed, out = (
        LAYOUT.permutation(i) for i in (LEAF, NULLIFIER, FEED, PERMUTATIONS)
    )
    children = {LAYOUT.permutation(PATH + i) for i in range(TREE_DEPTH)}
    for row in range(start, out):
        if row == owner_tag and ("leaf.owner_tag", row) not in broken:
            trace.put("free0", row, trace.get("v", row))
        if row in children and ("node.child", row) not in broken:
            trace.put(f"free{trace.get('free2', row)}", row, trace.get("v", row))
        if row == nullifier and ("path.root", row) not in broken:
            trace.scalars["root"] = trace.get("v", row)
        if row == feed and ("nullifier.digest", row) not in broken:
            trace.scalars["nullifier"] = trace.get("v", row)
        follow(trace, [row], broken)
    if ("feed.digest", out) not in broken:
        trace.scalars["feed"] = trace.get("v", out)


# -- one unknown, chosen late ----------------------------------------------------------------------
def solve(residual: Callable[[int], int]) -> int:
    """
    A root of a polynomial of degree one or two mod R, not zero; leaves the trace at that root.

    ArithmeticError if it has none, or if its degree is higher.
    """
    c, one, two, three = (residual(x) for x in (0, 1, 2, 3))
    a = (two - 2 * one + c) * pow(2, -1, R) % R
    b = (one - c - a) % R
    if (9 * a + 3 * b + c - three) % R:
        raise ArithmeticError("the residual has a degree over two")
    if a:
        width = square_root(b * b - 4 * a * c)
        roots = [(sign * width - b) * pow(2 * a, -1, R) % R for sign in (1, -1)]
    else:
        roots = [-c * pow(b, -1, R) % R]
    for root in roots:
        if root and not residual(root):
            return root
    raise ArithmeticError("no root")


def square_root(value: int) -> int:
    """
    A square root mod R (Tonelli and Shanks; R - 1 = 2^28 odd); ArithmeticError if there is none.
    """
    value %= R
    odd, two_adicity = (R - 1) >> 28, 28
    if value and pow(value, (R - 1) // 2, R) != 1:
        raise ArithmeticError("no square")
    root, rest, twist = pow(value, (odd + 1) // 2, R), pow(value, odd, R), pow(5, odd, R)
    while rest not in (0, 1):
        order, square = 0, rest
        while square != 1:
            square, order = square * square % R, order + 1
        factor = pow(twist, 1 << two_adicity - order - 1, R)
        two_adicity, twist = order, factor * factor % R
        root, rest = root * factor % R, rest * twist % R
    return root
