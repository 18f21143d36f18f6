"""
The link beside py_ecc: the same sums of points on random and edge inputs; identities that hold at
the edges of every range.

Soundness of single cells is in tests/attacks/test_l*.py; here the honest chain is right, and its
bounds are those it needs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from py_ecc.optimized_bn128 import FQ, G1, add, multiply, neg, normalize
from support.credential import CLASS, LAYOUT, world
from support.forge import Step, chain, link_registers, link_row, point, split

from algebra.interface import Column, P, R
from circuits.credential.v2 import link as gadget
from circuits.credential.v2.layout import ADDITIONS, WINDOW_BITS
from circuits.credential.v2.link import CARRY_WIDTHS, TOP, W96, W192, check_bounds, window_digits
from circuits.credential.v2.statement import POINT_PARTS
from circuits.credential.v2.trace import LIMBS
from circuits.language.checker import check_trace
from circuits.language.circuit import CircuitError
from history.v2.leaf_words import point_words
from prover.witness.v2.cells import Cells
from prover.witness.v2.link import fill_link

Affine = tuple[int, int]
SHIFT = sum(1 << WINDOW_BITS * j for j in range(ADDITIONS))
EDGE_RHO = {
    "zero": 0, "one": 1, "minus one": R - 1, "half": (R + 1) // 2, "all digits zero": -SHIFT % R,
    "digit 63 everywhere but the top": -(SHIFT + 63 * sum(1 << 6 * j for j in range(42))) % R,
    "largest shifted": (-SHIFT + 1) % R, "power of two": 1 << 253, "one window": 1 << 6 * 41,
}  # fmt: skip


def affine(x: object) -> Affine:
    a, b = normalize(x)
    return int(a), int(b)


def projective(x: Affine) -> tuple[FQ, FQ, FQ]:
    return FQ(x[0]), FQ(x[1]), FQ(1)


H = projective(point(world().h))
WORDS = ((link_row("done"), 0), (link_row("done"), 1), (link_row("done2"), 0))
"""Row and free cell of the three words of C."""


def failures(
    cells: Cells, start: Affine, kappa: int, only: tuple[str, ...] = ("link.",)
) -> set[str]:
    """Labels of the link's rules that do not hold."""
    made = link_registers(cells, kappa, start)
    zeros = np.zeros(CLASS, dtype=np.uint16)
    columns = {f"limb{i}": split(cells.limbs[i]) for i in range(LIMBS)} | {
        f"free{i}": c for i, c in enumerate(cells.free)
    }
    columns |= {name: Column(zeros, values) for name, values in made.items()}
    scalars = {
        f"{axis}{i}": word >> shift & (1 << width) - 1
        for axis, word in zip("xy", start, strict=True)
        for i, (shift, width) in enumerate(POINT_PARTS)
    }
    circuit = world().circuit
    given = {"multiplicity": Column(zeros), **columns}
    scalars = (
        dict.fromkeys([*circuit.challenges, *circuit.scalar_bounds], 0) | scalars | {"kappa": kappa}
    )
    return {f.label for f in check_trace(circuit, given, scalars, only=only)}


def compare(c: object, rho: int, kappa: int | None) -> None:
    """
    C' = C + rho H walks back to C, by every addition of py_ecc; with kappa, its cells meet all
    rules of the link.
    """
    start = add(c, multiply(H, rho)) if rho else c
    picks = window_digits(rho)
    cells = Cells(CLASS)
    end = fill_link(cells, LAYOUT, affine(start), [world().table[i] for i in picks])
    running = start
    for addition, pick in enumerate(picks):
        running = add(running, projective(world().table[pick]))
        if addition in (0, 20, ADDITIONS - 1):
            x3 = cells.get_limbs(link_row("x", addition), 0, LIMBS) + (
                cells.get_limbs(link_row("t2", addition), 0, TOP) << 192
            )
            assert x3 == affine(running)[0], addition
    assert end == affine(running) == affine(c)
    assert [cells.get_free(row, i) for row, i in WORDS] == point_words(affine(c))
    if kappa is not None:
        assert failures(cells, affine(start), kappa) == set()


@pytest.mark.parametrize("count", [12, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_points(count: int) -> None:
    source = random.Random(5)
    for i in range(count):
        compare(
            multiply(G1, source.randrange(1, R)),
            source.randrange(R),
            source.randrange(R) if i % 10 == 0 else None,
        )


@pytest.mark.parametrize("name", EDGE_RHO)
@pytest.mark.parametrize("c", [1, 2, R - 1], ids=["G", "2G", "-G"])
def test_edge_blinders(name: str, c: int) -> None:
    compare(multiply(G1, c), EDGE_RHO[name], 7 if c == 1 else None)


def test_digits_say_the_blinder() -> None:
    """43 digits plus one each: sum (d + 1) 2^(6 j) = -rho mod r, for edges and random blinders."""
    source = random.Random(6)
    for rho in [*EDGE_RHO.values(), *(source.randrange(R) for _ in range(1000))]:
        picks = window_digits(rho)
        assert [pick >> WINDOW_BITS for pick in picks] == list(range(ADDITIONS))
        assert (
            sum(((pick & 63) + 1) << WINDOW_BITS * j for j, pick in enumerate(picks)) + rho
        ) % R == 0


def test_the_table_is_that_of_py_ecc() -> None:
    """Every entry: (d + 1) 2^(6 j) H."""
    base = H
    for j in range(ADDITIONS):
        entry = base
        for d in range(1 << WINDOW_BITS):
            if d in (0, 1, 31, 63):
                assert affine(entry) == world().table[(j << WINDOW_BITS) + d]
            entry = add(entry, base)
        base = multiply(base, 1 << WINDOW_BITS)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("addition", [0, 1, ADDITIONS - 1])
def test_equal_abscissae_anywhere_are_refused(sign: int, addition: int) -> None:
    """The sum so far is the next point, or its opposite: no slope, no silent wrong one."""
    points = [world().table[pick] for pick in window_digits(12345)]
    target = projective(points[addition])
    start = target if sign > 0 else neg(target)
    for before in points[:addition]:
        start = add(start, neg(projective(before)))
    with pytest.raises(ArithmeticError, match="equal abscissae"):
        fill_link(Cells(CLASS), LAYOUT, affine(start), points)


# -- edges of the foreign field --------------------------------------------------------------------
COORDINATES = (0, 1, W96 - 1, W96, W192 - 1, W192, P - 1, P - 2)
WIDE = (W192 << 12 * TOP) - 1
"""Largest number of a row and a top."""


def edge_chain(starts: Sequence[tuple[int, int, int, int]]) -> tuple[Cells, Affine]:
    """
    Additions whose (slope, xT) are as given; ordinates follow from the equations, on no curve.
    """
    start: Affine = (starts[0][2], starts[0][3])
    (x, y), steps = start, []
    for slope, xt, _, _ in starts:
        yt = (y + slope * (xt - x)) % P
        steps.append(Step((xt, yt), slope))
        x3 = (slope * slope - x - xt) % P
        x, y = x3, (slope * (xt - x3) - yt) % P
    cells = Cells(CLASS)
    cells.limbs = cells.limbs.astype(object)
    chain(cells, start, steps)
    return cells, start


def test_every_corner_of_the_coordinates() -> None:
    """
    Slope, xT, x and y at all corners: quotients and carries fit their limbs, and every rule holds.
    """
    corners, widest = list(product(COORDINATES, COORDINATES)), [0, 0, 0, 0]
    for i in range(0, len(corners), ADDITIONS):
        block = (corners[i:] + corners)[:ADDITIONS]
        for x, y in ((0, P - 1), (P - 1, 0), (P - 1, P - 1)):
            cells, start = edge_chain([(slope, xt, x, y) for slope, xt in block])
            assert cells.limbs.max() < 4096 and cells.limbs.min() >= 0
            met = {"link.xT.apart"} if x in (xt for _, xt in block) else set()
            # no such points are in the table
            assert failures(cells, start, 3**100 % R) == {"link.point"} | met
            widest = [max(a, b) for a, b in zip(widest, carry_bits(cells), strict=True)]
    # half the width is added before a carry is stored: one bit is the sign, and some room is left
    # (docs/explanation/protocol.md 3.6)
    assert all(bits + 1 <= width for bits, width in zip(widest, CARRY_WIDTHS, strict=True))
    assert all(bits >= need - 4 for bits, need in zip(widest, (99, 100, 99, 66), strict=True)), (
        widest
    )  # what they may need


def carry_bits(cells: Cells) -> list[int]:
    """
    Bits of the largest carry of each of e0 .. e3, over the first two identities of every addition.
    """
    found = [0, 0, 0, 0]
    for addition in range(ADDITIONS):
        for q, top in (("1", "t1"), ("2", "t2")):
            a, b, ninth = (link_row(kind, addition) for kind in (f"c{q}a", f"c{q}b", top))
            places = [(a, 0, 8, 12), (a, 8, 8, 13), (b, 0, 8, 14), (b, 8, 8, None)]
            for i, (row, first, count, limb) in enumerate(places):
                stored = cells.get_limbs(row, first, count) + (
                    int(cells.limbs[limb, ninth]) << 96 if limb else 0
                )
                found[i] = max(found[i], abs(stored - (1 << CARRY_WIDTHS[i] - 1)).bit_length())
    return found


def test_an_abscissa_may_be_unreduced() -> None:
    """
    x + p is allowed: the chain is over integers modulo p. Far more does not fit the next quotient,
    or its own cells.
    """
    most = (WIDE - P) // P
    for k, fits in ((1, True), (most - 1, False), (most + 2, False)):
        table = world().table
        start = affine(multiply(G1, 5))
        cells = Cells(CLASS)
        cells.limbs = cells.limbs.astype(object)
        steps = [Step(table[i]) for i in window_digits(9)]
        x = int(normalize(add(projective(start), projective(table[window_digits(9)[0]])))[0])
        steps[0].x = x + k * P
        chain(cells, start, steps)
        assert (cells.limbs.max() < 4096 and cells.limbs.min() >= 0) == fits, k
        if fits:
            assert failures(cells, start, 11**60 % R) == set()


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("CARRY_WIDTHS", (98, 108, 108, 96), "honest carry"),
        ("CARRY_WIDTHS", (108, 108, 98, 96), "honest carry"),
        ("CARRY_WIDTHS", (108, 108, 108, 60), "honest carry"),
        ("CARRY_WIDTHS", (160, 160, 160, 160), "wrap the field"),
        ("TOP", 5, "quotient does not fit"),
        ("TOP", 12, "wrap the field"),
        ("QUOTIENT_OFFSET", 1 << 254, "quotient does not fit"),
    ],
)
def test_bounds_are_computed_and_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, what: str
) -> None:
    """
    The proof of the bounds in the gadget's own file fails as soon as a width is too small or too
    large.
    """
    check_bounds()
    monkeypatch.setattr(gadget, name, value)
    with pytest.raises(CircuitError, match=what):
        check_bounds()
