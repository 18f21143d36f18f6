"""
The link: C' - C is a multiple of H, shown by a chain of 43 point additions
(docs/explanation/protocol.md 3.6, docs/explanation/layout.md 3).

A base-field value a = a0 + 2^96 a1 + 2^192 a2 is the polynomial a0 + a1 k + a2 k^2 at the challenge
k = kappa. Its low 192 bits fill one row of 16 limbs, its top six limbs of a top row. Three
registers walk down the rows: v holds what the next row needs (nothing where a rule of the next row
does not read it), slope the slope, sum the weighted sum of all identities. The ordinate is never
reduced:

    eq1:  slope_j (xT_j - x_(j-1)) - yT_j + [slope_(j-1) (xT_(j-1) - x_(j-1)) - yT_(j-1)] = q1 p
    eq2:  slope_j^2 - x_(j-1) - xT_j - x_j = q2 p
    eq3:  slope_J (xT_J - x_J) - yT_J - y = q3 p

(the bracket is y_(j-1); the third stands once, at the end), each an
identity D(X) = (2^96 - X) e(X) of integers with range-checked quotients and carries.

No point that is added has the abscissa of C' (`link.xT.apart`): both are below p, so they differ as
integers by less than p, and the inverse mod r of the difference is in free 0. If the first point
were C' itself, eq1 would hold for any slope.

Correctness
-----------
Without any rule here another log's commitment could stand in the leaf: attacks L1 to L8, L11 to L14
name the cheat of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from algebra.curve import ZERO, Jacobian, add, affine, jacobian
from algebra.interface import P, Point, R
from circuits.credential.v2.layout import ADDITION_ROWS, ADDITIONS, WINDOW_BITS, Layout
from circuits.credential.v2.trace import LIMB_BITS, LIMBS, POINT_TAG, Shared, groups
from circuits.language.circuit import CircuitError
from circuits.language.expression import Expression, power

GROUP, TOP = 8, 6
"""Limbs of a 96-bit group and of a value's top."""
W96, W192 = 1 << 96, 1 << 192
CARRY_WIDTHS = (108, 108, 108, 96)
"""Bits of the signed carries e0 .. e3; stored with half the width added."""
QUOTIENT_OFFSET = 1 << 255
BLOCK = ("lam", "t0", "xT", "yT", "t1", "q1", "c1a", "c1b", "q2", "c2a", "c2b", "t2", "x")
TAIL = ("q3", "c3a", "c3b", "t3", "ye", "done", "done2")
P_GROUPS = groups(P)


@dataclass(frozen=True, slots=True)
class PublicPoint:
    """C' as public scalars, coefficients of 2^96."""

    x: Sequence[Expression]
    y: Sequence[Expression]


def check_bounds() -> None:
    """
    No identity can wrap the field, and honest quotients and carries fit
    (docs/explanation/protocol.md 3.6).

    Raises
    ------
    CircuitError
        If a bound fails; computed each time a circuit is built.
    """

    def product(a: Sequence[int], b: Sequence[int]) -> list[int]:
        return [sum(a[i] * b[m - i] for i in range(3) if 0 <= m - i < 3) for m in range(5)]

    admitted = [W96 - 1, W96 - 1, (1 << LIMB_BITS * TOP) - 1]
    single = [*admitted, 0, 0]
    # largest coefficient of two products of admitted values, a quotient times p and two single
    # values
    worst = max(
        2 * a + b + 2 * z
        for a, b, z in zip(
            product(admitted, admitted), product(admitted, P_GROUPS), single, strict=True
        )
    )
    if 2 * (worst + (W96 + 1) * (1 << max(CARRY_WIDTHS) - 1)) >= (1 << 253):
        raise CircuitError("link: an identity can wrap the field")
    honest, carry = [W96, W96, P_GROUPS[2] + 1], 0
    twice = [W96, W96, 2 * honest[2]]
    coefficients = zip(
        product(honest, honest), product(twice, P_GROUPS), [*honest, 0, 0], strict=True
    )
    for width, (a, b, z) in zip(CARRY_WIDTHS, list(coefficients)[:4], strict=True):
        carry = (2 * a + b + 2 * z + carry) // W96 + 1
        if carry.bit_length() + 1 > width:
            raise CircuitError("link: an honest carry does not fit")
    if 2 * P + 4 >= QUOTIENT_OFFSET or 2 * QUOTIENT_OFFSET > 1 << 192 + LIMB_BITS * TOP:
        raise CircuitError("link: an honest quotient does not fit")


def link(s: Shared, layout: Layout, public: PublicPoint) -> Expression:
    """
    Constrain the link region; bus messages `point0`, `point1`, `point2` are the three words of C.

    Returns
    -------
    The looked-up point of the `t1` rows (degree 1, in stage-1 cells: free 0 to 2 hold its three
    coefficients).
    """
    check_bounds()
    c, k = s.circuit, s.challenge["kappa"]
    v, slope, total = s.v, s.slope, s.sum
    next_slope = c.next(slope)
    n1, n2, w1, w2, shift = 1, power(k, 5), power(k, 10), power(k, 15), power(k, 10)
    k2, r96 = k * k, W96 - k
    phi = P_GROUPS[0] + k * P_GROUPS[1] + k2 * P_GROUPS[2]
    part = s.number(0, GROUP) + k * s.number(GROUP, GROUP)
    x = part + k2 * v
    top0, top1 = s.number(0, TOP), s.number(TOP, TOP)
    ninth = W96 * (s.limb[12] + k * s.limb[13] + k2 * s.limb[14])
    for i, width in enumerate(CARRY_WIDTHS):
        ninth = ninth - power(k, i) * (1 << width - 1)
    reduced = phi * k2 * (top1 - (1 << 63)) + r96 * ninth
    base = layout.link
    last = base + ADDITIONS * ADDITION_ROWS
    rows = {
        t: [base + 1 + j * ADDITION_ROWS + i for j in range(ADDITIONS)] for i, t in enumerate(BLOCK)
    }
    rows["x"].pop()
    kinds = {t: c.kind(f"link_{t}", rows[t]) for t in BLOCK}
    kinds["start"], kinds["xe"] = c.single("link_start", base), c.single("link_xe", last)
    for i, t in enumerate(TAIL):
        kinds[t] = c.single(f"link_{t}", last + 1 + i)

    def step(
        t: str,
        next_v: Expression | None,
        slope_to: Expression | None,
        next_total: Expression | None,
    ) -> None:
        kind = kinds[t]
        for name, register, value in (
            ("v", v, next_v),
            ("slope", slope, slope_to),
            ("sum", total, next_total),
        ):
            if value is not None:
                c.require(kind, f"link.{t}.{name}", c.next(register) - value, exact=False)

    def zero(t: str, what: str, body: Expression) -> None:
        c.require(kinds[t], f"link.{t}.{what}", body, exact=False)

    zero("start", "x", v - (public.x[0] + k * public.x[1] + k2 * public.x[2]))
    zero("start", "y", total - (public.y[0] + k * public.y[1] + k2 * public.y[2]))
    step("start", None, None, shift * (total - (n1 * next_slope + n2) * v))
    step("lam", part, slope, total)
    zero("t0", "slope_of_cells", v + k2 * top0 - slope)
    step("t0", top1, slope, total)
    apart = s.number(0, GROUP) - public.x[0] + W96 * (s.number(GROUP, GROUP) - public.x[1])
    zero("xT", "apart", (apart + W192 * (v - public.x[2])) * s.free[0] - 1)
    step("xT", x, slope, total + (w1 + n1) * slope * x + w2 * (slope * slope - x))
    step("yT", v + part * (1 << 100), slope, total - (w1 + n1) * part)
    step("t1", None, slope, total - (w1 + n1) * k2 * top0 - w1 * reduced)
    for q, weight, kept in (
        ("1", w1, None),
        ("2", w2, None),
        ("3", n1, v),
    ):  # at the end v is a word of C
        step(f"q{q}", kept, slope, total - weight * phi * part)
        step(f"c{q}a", kept, slope, total - weight * r96 * part)
        step(f"c{q}b", kept, slope, total - weight * r96 * k2 * part)
    step("t2", top0, slope, total - w2 * reduced)
    step("x", None, None, shift * (total - (w2 + n2 + n1 * (slope + next_slope)) * x))
    step("xe", s.number(0, LIMBS), v, total - (w2 + n1 * slope) * x)
    step("t3", v, slope + top0 * (1 << 80), total - n1 * k2 * top0 - n1 * reduced)
    zero("ye", "final_sum", total - n1 * part)
    step("ye", v, slope, s.number(0, LIMBS))
    zero("done", "word0", v - s.free[0])
    zero("done", "word1", slope - s.free[1])
    step("done", None, None, total)
    zero("done2", "word2", total - s.free[0])
    done = last + TAIL.index("done") + 1
    s.produce("point0", done, 0)
    s.produce("point1", done, 1)
    s.produce("point2", done + 1, 0)
    # what is looked up are stage-1 cells: a denominator that read `v` could be given a pole after
    # beta is known
    entry = s.free[0] + k * s.free[1] + k2 * s.free[2]
    zero("t1", "point", v + k2 * top0 * (1 << 100) - entry)
    return entry + k2 * POINT_TAG


# ---- the window table, and its entries for a blinder ---------------------------------------------
@lru_cache(maxsize=4)
def window_table(vanishing_point: Point) -> tuple[tuple[int, int], ...]:
    """
    Entry 64 j + d is (d + 1) 2^(6 j) H, d < 64, j < 43: no infinity among them. Kept, for the key
    and each proof.
    """
    entries: list[Jacobian] = []
    base = jacobian(vanishing_point)
    for _ in range(ADDITIONS):
        entry = ZERO
        for _ in range(1 << WINDOW_BITS):
            entry = add(entry, base)
            entries.append(entry)
        base = entry
    table = affine(entries)
    if any(point is None for point in table):
        raise CircuitError("link: infinity in the window table; the setup's tau is not usable")
    return tuple(point for point in table if point is not None)


def window_digits(rho: int) -> list[int]:
    """
    Table entries whose points sum to -rho H: digits of a scalar plus one each
    (docs/explanation/protocol.md 3.6).
    """
    shifted = (-rho - sum(1 << WINDOW_BITS * j for j in range(ADDITIONS))) % R
    return [
        (j << WINDOW_BITS) + (shifted >> WINDOW_BITS * j & ((1 << WINDOW_BITS) - 1))
        for j in range(ADDITIONS)
    ]
