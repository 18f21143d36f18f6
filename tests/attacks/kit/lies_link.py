"""
Lies in the link. Its registers are chosen after the challenge, so where a rule of one is missing, a
prover with a wrong addition chooses that register so that the final sum closes: one equation, one
unknown.
"""

from __future__ import annotations

from dataclasses import replace

from attacks.kit.cheats import Cheat
from attacks.kit.hands import REGISTERS, Broken, follow, get_limbs, set_free, set_limb, solve
from attacks.kit.lies_hash import leaf_word
from attacks.kit.trace import Trace
from support.credential import CLASS, LAYOUT, RHO, honest, world
from support.forge import Forger, Step, attested, chain, forger, link_row, point

from algebra.interface import R
from algebra.native_backend import native
from circuits.credential.v2.layout import ADDITIONS
from circuits.credential.v2.link import BLOCK, TOP, window_digits
from circuits.credential.v2.trace import LIMBS, RANGE
from history.v2.leaf_words import point_words
from prover.witness.v2.cells import Cells

ADDITION = 20
START, DONE = LAYOUT.link, link_row("done")
LAST = link_row("ye")


def at(kind: str, addition: int = ADDITION) -> int:
    """A row of the link; the last `x` row is of a kind of its own."""
    return link_row("x", 42) if kind == "xe" else link_row(kind, addition)


def wrong_addition(trace: Trace) -> None:
    """A quotient that is not the honest one: the identity of addition 3 does not hold."""
    place = link_row("q1", 3)
    set_limb(trace, place, 0, (trace.get("limb0", place) + 1) % RANGE)


def walk(trace: Trace, start: int, broken: Broken) -> int:
    """Registers from a row to the last identity; what is left of the final sum."""
    follow(trace, range(start, LAST), broken)
    final = next(c for c in trace.circuit.constraints if c.label == "link.ye.final_sum")
    return trace.value(final.body, LAST)


def chosen(label: str, register: str, row: int) -> Cheat:
    """A wrong addition that closes because the register of row + 1 is chosen for it."""
    broken = frozenset({(label, row)})

    def lie(trace: Trace) -> None:
        wrong_addition(trace)
        follow(trace, range(START, row + 1))
        before = trace.get(register, row + 1)

        def residual(step: int) -> int:
            trace.put(register, row + 1, before + step)
            return walk(trace, row, broken)

        solve(residual)

    return Cheat("an addition that is none: any commitment in the leaf", honest(), lie)


def end_word(label: str, register: str, row: int) -> Cheat:
    """A register that turns into a word of C in the leaf."""
    word = REGISTERS.index(register)

    def lie(trace: Trace) -> None:
        for r in range(row + 1, DONE + 1):
            trace.add(register, r, 1)
        take_words(trace, word)

    return Cheat("another commitment in the leaf", honest(), lie)


def take_words(trace: Trace, word: int) -> None:
    """Put what the registers of `done` hold into its free cells, the bus and the leaf."""
    value = trace.get(REGISTERS[word], DONE)
    if word == 2:
        trace.put("sum", DONE + 1, value)
        trace.put("free0", DONE + 1, value)
    else:
        trace.put(f"free{word}", DONE, value)
    leaf_word(trace, f"point{word}", value)


def sums() -> dict[str, Cheat]:
    """The sum of identities jumps: in every kind of row."""
    kinds = ["start", *BLOCK, "xe", "q3", "c3a", "c3b", "t3"]
    return {f"link.{kind}.sum": chosen(f"link.{kind}.sum", "sum", at(kind)) for kind in kinds}


def slopes() -> dict[str, Cheat]:
    """The slope changes on its way: only its first row is tied to limbs."""
    out = {}
    for kind in BLOCK[1:-1]:
        out[f"link.{kind}.slope"] = chosen(f"link.{kind}.slope", "slope", at(kind))
    label, row = "link.lam.slope", at("lam")

    def first(trace: Trace) -> None:
        wrong_addition(trace)
        follow(trace, range(START, row + 1))
        before = trace.get("slope", row)

        def residual(step: int) -> int:
            trace.put("slope", row, before + step)
            return walk(trace, row - 1, frozenset({(label, row)}))

        solve(residual)

    out[label] = Cheat("an addition with two slopes", honest(), first)
    return out


def limbs_left_behind() -> dict[str, Cheat]:
    """A limb changes and the register that should hold it does not."""
    places = {"link.lam.v": ("lam", 3), "link.t0.v": ("t0", 7), "link.t2.v": ("t2", 2)}

    def cheat(kind: str, limb: int) -> Cheat:
        def lie(trace: Trace) -> None:
            set_limb(trace, at(kind), limb, trace.get(f"limb{limb}", at(kind)) ^ 1)

        return Cheat("a number that no limbs bound", honest(), lie)

    def slope_of_cells(trace: Trace) -> None:
        set_limb(trace, at("lam"), 3, trace.get("limb3", at("lam")) ^ 1)
        follow(trace, [at("lam")])

    return {
        **{label: cheat(*place) for label, place in places.items()},
        "link.t0.slope_of_cells": Cheat("a slope that no limbs bound", honest(), slope_of_cells),
    }


def looked_up() -> dict[str, Cheat]:
    """The limbs hold one point, the table is asked for another."""
    t1 = at("t1")

    def other_entry(trace: Trace) -> None:
        old = [trace.get(f"free{i}", t1) for i in range(3)]
        table = [[trace.get(f"table{i}", RANGE + e) for i in range(3)] for e in (0, 1)]
        tag = 1 << 200
        entry = next(i for i, e in enumerate(table) if [*e[:2], e[2] - tag] != old)
        set_free(trace, t1, *table[entry][:2], table[entry][2] - tag)
        for row in range(RANGE, trace.circuit.size):
            if [trace.get(f"table{i}", row) for i in range(3)] == [*old[:2], (old[2] + tag) % R]:
                trace.add("multiplicity", row, -1)
                break
        trace.add("multiplicity", RANGE + entry, 1)

    def late(kind: str) -> Cheat:
        """Register v closes the gap between the limbs and the entry, after kappa."""

        def lie(trace: Trace) -> None:
            other_entry(trace)
            rule = next(c for c in trace.circuit.constraints if c.label == "link.t1.point")
            gap = trace.value(rule.body, t1)
            for row in range(at(kind) + 1, at("t2") + 1):
                trace.add("v", row, -gap)

        return Cheat("a point outside the table", honest(), lie)

    return {
        "link.t1.point": Cheat("a point outside the table", honest(), other_entry),
        "link.xT.v": late("xT"),
        "link.yT.v": late("yT"),
    }


def invert_differences(trace: Trace) -> None:
    """Free 0 of the rows of abscissae, for the C' that the scalars name."""
    start = sum(trace.scalars[f"x{i}"] << 96 * i for i in range(3))
    for addition in range(ADDITIONS):
        row = link_row("xT", addition)
        top = get_limbs(trace, link_row("t0", addition), TOP, TOP)
        apart = get_limbs(trace, row, 0, LIMBS) + (top << 192) - start
        set_free(trace, row, pow(apart, -1, R))


def free_slope() -> Cheat:
    """
    C' is the first point that is added: its identities hold with any slope, and the chain ends
    where a leaf of no honest attestor says.
    """
    found, first, rest = honest(), *first_points()
    behind = native().scale_points([first, found.world.h], [1, -RHO % R])

    def fill(cells: Cells) -> tuple[int, int]:
        cells.limbs = cells.limbs.astype(object)
        return chain(cells, first, [Step(first, 12345), *[Step(p) for p in rest]])

    words = dict(zip(("point0", "point1", "point2"), point_words(fill(Cells(CLASS))), strict=True))
    forged = attested(replace(found, leaf=replace(found.leaf, commitment=point(behind))), **words)

    def alter(cells: Cells, _: Forger) -> None:
        fill(cells)

    witness = forger(forged, alter, own_link=True)
    return Cheat("an end of the chain off the curve", forged, witness=witness)


def first_points() -> tuple[tuple[int, int], list[tuple[int, int]]]:
    """The points that the honest prover adds, the first apart."""
    first, *rest = [world().table[pick] for pick in window_digits(RHO)]
    return first, rest


def ends() -> dict[str, Cheat]:
    out = {}
    for axis in "xy":

        def other(trace: Trace, name: str = f"{axis}0") -> None:
            trace.scalars[name] += 1
            invert_differences(trace)

        out[f"link.start.{axis}"] = Cheat("a chain from a point that is not C'", honest(), other)

    def final(trace: Trace) -> None:
        wrong_addition(trace)
        walk(trace, START, frozenset())

    out["link.ye.final_sum"] = Cheat("an addition that is none", honest(), final)
    tail = ["xe", "q3", "c3a", "c3b", "t3", "ye"]
    for register, kinds in (("v", tail), ("slope", tail), ("sum", tail[-1:])):
        for kind in kinds:
            out[f"link.{kind}.{register}"] = end_word(f"link.{kind}.{register}", register, at(kind))

    def word(index: int) -> Cheat:
        def lie(trace: Trace) -> None:
            trace.add(f"free{index}", DONE, 1)
            leaf_word(trace, f"point{index}", trace.get(f"free{index}", DONE))

        return Cheat("another commitment in the leaf", honest(), lie)

    out |= {f"link.done.word{i}": word(i) for i in range(2)}

    def second_word(register: int) -> Cheat:
        def lie(trace: Trace) -> None:
            trace.add("sum", DONE + 1, register)
            trace.add("free0", DONE + 1, 1)
            leaf_word(trace, "point2", trace.get("free0", DONE + 1))

        return Cheat("another commitment in the leaf", honest(), lie)

    return {**out, "link.done.sum": second_word(1), "link.done2.word2": second_word(0)}


def cheats() -> dict[str, Cheat]:
    apart = {"link.xT.apart": free_slope()}
    return {**sums(), **slopes(), **limbs_left_behind(), **looked_up(), **ends(), **apart}
