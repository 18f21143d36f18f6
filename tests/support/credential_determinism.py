"""
What is fixed, what follows by a lemma, and what is free by design in the credential circuit
(docs/explanation/soundness.md 4).

The rest of its cells follow rule by rule: `support.determinism.Propagation` finds out, from the
constraint text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from algebra.interface import R
from circuits.credential.v2.days import (
    ACTIVE_WIRE,
    ACTIVITY_TOTALS,
    CHANGE,
    EQUITY_TOTALS,
    FIRST_WIRE,
    WEIGHT,
    WIRES,
    WORD_SO_FAR,
)
from circuits.credential.v2.layout import (
    ADDITION_ROWS,
    ADDITIONS,
    FEED_PERMUTATIONS,
    TREE_DEPTH,
    Layout,
)
from circuits.credential.v2.link import BLOCK, TOP
from circuits.credential.v2.records import NEAR_CHECK
from circuits.credential.v2.rows import wide_cell
from circuits.credential.v2.score import SIDE
from circuits.credential.v2.score import WEIGHT as SCORE_WEIGHT
from circuits.credential.v2.sponge import FEED, LEAF, OWNER, PATH
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import FREE, LIMBS, RANGE
from circuits.language.circuit import Circuit
from circuits.language.expression import CELL, NAMED, walk
from history.v2.feed import DAYS_A_WORD
from history.v2.metrics import METRICS
from history.v2.metrics.score import LEAST
from history.v2.record import KIND_NAMES
from support.determinism import (
    Lemma,
    Place,
    Polynomial,
    Propagation,
    form,
    kinds_of_rows,
    times,
    unique_digits,
)

REGISTERS = ("v", "slope", "sum")


def limbs(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"limb{i}" for i in range(first, first + count))


def free(*slots: int) -> tuple[str, ...]:
    return tuple(f"free{i}" for i in slots)


LEMMAS = (
    Lemma(
        "profit and its sign",
        "day_equity",
        ("day.gain_is_bit", "day.profit_size"),
        free(11),
        free(6) + limbs(0, 4),
    ),
    Lemma(
        "greatest of three",
        "day_equity",
        ("day.divisor_over_capital", "day.divisor_product", "day.divisor_is_one_of_three"),
        (*free(2, 3, 6, 7), *limbs(0, 4)),
        (*free(12), *limbs(8, 8)),
    ),
    Lemma(
        "division of the return",
        "day_return",
        ("return.division", "return.rest_below_divisor", "return.range"),
        free(0, 1),
        free(7) + limbs(0, 8) + limbs(12, 3),
    ),
    Lemma(
        "division of the index",
        "day_index",
        ("index.capped_is_bit", "index.division", "index.rest"),
        free(0, 3),
        free(5) + limbs(0, 9),
    ),
    Lemma(
        "active day",
        "day_activity",
        ("activity.active_is_bit", "activity.active"),
        free(0, 2),
        limbs(0, 4) + limbs(6, 1),
    ),
    Lemma(
        "near day",
        "day_activity",
        ("activity.near_positive", "activity.near_zero"),
        free(8),
        limbs(4, 2) + limbs(7, 1),
    ),
    Lemma(
        "number of near days",
        "compare_near",
        ("metric.M8.one_flag", "metric.M8.near_days"),
        free(0),
        limbs(0, 15),
    ),
    Lemma(
        "sides of the profit",
        "score_profit",
        ("score.profit", "score.one_side"),
        free(0),
        limbs(0, 2 * SIDE),
    ),
)
"""
One of each has a small copy in `support.credential_copies`, built from the rules that `labels`
names.
"""

NATURE = {
    ("owner", "free0"): "the identity secret",
    ("owner", "free1"): "venue, a word of the leaf",
    ("onward leaf_header", "free1"): "salt, a word of the leaf",
    (
        "record",
        "free12",
    ): "near may be set where the distance is not near: it can only make M8 harder",
    ("close", "free0"): "the best day's return m: any number that no day exceeds",
    ("close", "free7"): "the level v of the losses: any number",
    **{
        ("day_risk", f"limb{i}"): "what a day's loss is above the level: any number from that up"
        for i in (3, 4, 5)
    },
    ("compare_gain", "free2"): "the gain G: any number up to both sums",
    ("compare_shape_parts", "free5"): "what the skewness costs: any number from its own up",
    ("compare_lag_parts", "free5"): "the covariance: any number from its own up",
}
"""Witnesses by nature, (kinds of the row, column): no rule determines them, none is meant to."""

UNREAD = "free: no rule reads it"
SILENT = "free: a bus slot of multiplicity zero"
LEAF_WORDS = "a word of the leaf, which the root commits to"
FEED_WORDS = "a word of the market feed, which its digest commits to"
PATH_WORDS = "the path: index and siblings"
RECORDS = "the record column, which C' commits to"
CHAIN = "the link's chain: digits of the blinder, and coordinates not reduced below p"

CHAIN_CELLS = {
    "link_lam": limbs(0, LIMBS),
    "link_t0": limbs(0, 2 * TOP),
    "link_xT": limbs(0, LIMBS),
    "link_yT": limbs(0, LIMBS),
    "link_t1": limbs(0, TOP),
    "link_t2": limbs(0, TOP),
    "link_x": limbs(0, LIMBS),
    "link_xe": limbs(0, LIMBS),
    "link_t3": limbs(0, TOP),
    "link_ye": limbs(0, LIMBS),
}
"""Slopes, table points, abscissae and the last ordinate."""
REDUCTIONS = {
    "link_t1": limbs(TOP, TOP) + limbs(2 * TOP, 3),
    "link_t2": limbs(TOP, TOP) + limbs(2 * TOP, 3),
    "link_t3": limbs(TOP, TOP) + limbs(2 * TOP, 3),
    **{f"link_{t}": limbs(0, LIMBS) for t in BLOCK if t[0] in "qc"},
    **{f"link_{t}": limbs(0, LIMBS) for t in ("q3", "c3a", "c3b")},
}
"""Quotients and carries of the identities: one lemma for all, from the final sum."""


def start(p: Propagation, layout: Layout) -> None:
    """Everything that is fixed before the first rule."""
    row = layout.permutation
    for (kinds, column), why in NATURE.items():
        p.give_all(p.rows(kinds.split()[-1]), [column], f"input: {why}")
    p.give_all([row(OWNER)], free(0, 1), f"input: {LEAF_WORDS}")
    for i in range(5):
        p.give_all([row(LEAF + i)], free(0, 1), f"input: {LEAF_WORDS}")
    p.give_all([row(PATH + i) for i in range(TREE_DEPTH)], free(0, 1, 2), f"input: {PATH_WORDS}")
    p.give_all([row(FEED + i) for i in range(FEED_PERMUTATIONS)], free(0), f"input: {FEED_WORDS}")
    p.give_all(
        [row(FEED + i) for i in range(FEED_PERMUTATIONS - 1)], free(1), f"input: {FEED_WORDS}"
    )
    for kind, names in CHAIN_CELLS.items():
        p.give_all(p.rows(kind), names, f"input: {CHAIN}")


def records(p: Propagation) -> None:
    """
    R' = sum of bits and limbs on record rows: digits in mixed radix, checked from the record body
    itself.
    """
    circuit = p.circuit
    assert circuit.record_body is not None
    names = [
        circuit.columns[n.place[0]].name for n in walk([circuit.record_body]) if n.kind == CELL
    ]
    names = [name for name in names if not name.startswith("is_")]
    assert sorted(names) == sorted([*free(*range(len(KIND_NAMES))), *limbs(0, NEAR_CHECK)])
    p.give_all(p.rows("record"), names, "digits in mixed radix, of the record column")


def totals(p: Propagation) -> None:
    """The group-by: all totals follow once all record cells are known."""
    columns = [*free(*range(FREE)), *limbs(0, NEAR_CHECK)]
    last = p.rows("record")[-1]
    if all(p.known(row, name) for row in (0, last) for name in columns):
        argument = "group-by: partial fractions in gamma, powers of group"
        p.give_all(p.rows("day_equity"), free(*range(len(EQUITY_TOTALS))), argument)
        p.give_all(p.rows("day_return"), free(8, 9), argument)
        wired(p)
        p.give_all(p.rows("day_activity"), free(*range(len(ACTIVITY_TOTALS))), argument)


def wired(p: Propagation) -> None:
    """The wires: what the equity row computes, under powers of group that no total has."""
    needs = free(1, 2, 5, 6, 7, 11)
    for row in p.rows("day_equity"):
        if all(p.known(row, name) for name in needs):
            wires = free(*range(FIRST_WIRE, FIRST_WIRE + len(WIRES)))
            p.give_all([row + 2], wires, "group-by: a wire from the equity row")
    for row in p.rows("day_activity"):
        if p.known(row, "limb6"):
            p.give_all([row - 1], limbs(ACTIVE_WIRE, 1), "group-by: a wire from the activity row")


def flags(p: Propagation) -> None:
    """
    The day flags: a falling row of bits whose sum is the public number of days (small copy:
    `falling`).
    """
    if all(p.known(row, "free0") for row in p.rows("compare_window")):
        p.give_all(p.rows("day_equity"), free(5), "lemma: falling flags")


def sums(p: Propagation) -> None:
    """
    The sum rows, from the day rows, by powers of sigma. The sum of the flags is public
    (`window.days`).
    """
    days = {
        kind: {
            p.circuit.columns[n.place[0]].name
            for label, term in p.circuit.sum_terms
            if label == kind
            for n in walk([term])
            if n.kind == CELL and p.circuit.columns[n.place[0]].stage == 1
        }
        for kind in ("day_equity", "day_return", "day_index", "day_risk", "day_activity")
    }
    if all(
        p.known(row, name) for kind, names in days.items() for row in p.rows(kind) for name in names
    ):
        for row in p.rows("sums"):
            p.give_all([row], free(0, 1), "powers of sigma in the running sum")


def bus_groups(circuit: Circuit) -> list[list[tuple[int, str]]]:
    """
    (row, free cell) of the producer and the consumers of each name, read from the fixed columns.
    """
    groups: dict[int, list[tuple[int, str]]] = defaultdict(list)
    silent = silent_slots(circuit)
    for row in circuit.kinds["bus"].rows:
        for slot in (0, 1):
            if (row, f"free{slot}") not in silent:
                groups[fixed_cell(circuit, f"c{slot}", row)].append((row, f"free{slot}"))
    return list(groups.values())


def bus(p: Propagation) -> None:
    """A consumer's cell equals the producer's, whichever is known."""
    for group in bus_groups(p.circuit):
        if any(p.known(row, name) for row, name in group):
            for row, name in group:
                p.give_all([row], [name], "bus: one producer a name")


def ratio(p: Propagation) -> None:
    """
    M22's difference, over two rows: its cell less the low limbs is handed on, and equals the high
    limbs times 2^192. So the cell is the sum of both, digits in mixed radix.
    """
    (low,), (high,) = p.rows("compare_confidence"), p.rows("compare_confidence_high")
    whole = f"free{wide_cell(METRICS.rows['confidence'])}"
    rules, v = {c.label: c.body for c in p.circuit.constraints}, p.column["v"]
    if not p.known(low, whole):
        return
    cells = {(p.column[name], 0) for name in (*limbs(0, LIMBS), whole)}
    handed = form(
        rules["metric.M22.confidence.hand_over"],
        frozenset(cells | {(v, 1)}),
        frozenset(),
        frozenset(),
    )
    taken = form(
        rules["metric.M22.confidence_high.take_over"],
        frozenset(cells | {(v, 0)}),
        frozenset(),
        frozenset(),
    )
    assert (
        handed.linear.pop((v, 1)) == taken.linear.pop((v, 0)) == {(): 1}
        and not handed.tangled | taken.tangled
    )
    handed.linear.pop((p.column[whole], 0))
    digits = [
        (sign * c[()], RANGE - 1)
        for sign, rule in ((1, handed), (-1, taken))
        for c in rule.linear.values()
        if c
    ]
    if unique_digits(digits):
        p.give_all([low], limbs(0, LIMBS), "digits in mixed radix, over two rows")
        p.give_all([high], limbs(0, len(taken.linear)), "digits in mixed radix, over two rows")


def carried_on(p: Propagation) -> None:
    """m and v, the same on all risk rows: handed from one to the next in register sum, by carry."""
    argument = "handed on from risk row to risk row, by carry"
    p.give_all(p.rows("day_risk"), free(5, 8), argument)
    p.give_all(p.rows("open_next"), free(2, 3), argument)
    p.give_all(p.rows("day_word"), free(2, 3), argument)


def taken_over(p: Propagation) -> None:
    """
    What a comparison row takes over, in the cells that the row before has it in: equal folds of
    stage-1 cells by the carry challenge.
    """
    names = list(METRICS.rows)
    for before, name in pairwise(names):
        here, there = METRICS.rows[name], METRICS.rows[before]
        (at,) = p.rows(f"compare_{name}")
        if here.handed and all(p.known(at - 1, f"free{there.cells[n]}") for n in here.handed):
            p.give_all([at], [f"free{here.cells[n]}" for n in here.handed], "taken over, by carry")


def words(p: Propagation) -> None:
    """
    Weight and change of ten days from their word: each risk row hands on 2^24 times what it took
    over, and its two limbs; the first takes over 0. So the word's digits are the limbs.
    """
    rule = next(c.body for c in p.circuit.constraints if c.label == "risk.hand_over_risk")
    taken, weight, change = f"free{WORD_SO_FAR}", f"limb{WEIGHT}", f"limb{CHANGE}"
    cells = {(p.column[name], 0): name for name in (taken, weight, change)}
    found = form(rule, frozenset(cells), frozenset({"carry"}))
    handed = {cells[place]: c for place, c in found.linear.items()}
    (place,) = handed[change] or {}  # its power of carry
    coefficients = {taken: RANGE**2, weight: RANGE, change: 1}
    assert handed == {name: {place: -c % R} for name, c in coefficients.items()}
    assert not found.tangled
    digits = [(RANGE**i, RANGE - 1) for i in range(2 * DAYS_A_WORD)]
    days = p.rows("day_risk")
    ends = [(row, "free0") for row in p.rows("day_word")] + [(*p.rows("close_next"), "free1")]
    for index, (end, name) in enumerate(ends):
        if p.known(end, name) and unique_digits(digits):
            of_word = days[index * DAYS_A_WORD : (index + 1) * DAYS_A_WORD]
            p.give_all(of_word, (taken, weight, change), "digits in mixed radix, over ten days")
    if p.known(*ends[-1]):  # handed on by the row that closes the days, times a power of two
        p.give_all(p.rows("close"), free(8), "taken over, by carry")


def scored(p: Propagation) -> None:
    """
    The weights are the digits of one public number, which is used up on the last row. A feature has
    one place: those of the scale follow each other, so one of them has it between its ends.
    """
    rows = p.rows("score_placed")
    assert unique_digits([(RANGE**i, RANGE - 1) for i in range(len(rows))])
    p.give_all(rows, limbs(SCORE_WEIGHT, 1), "digits in mixed radix, over ten features")
    assert list(LEAST) == sorted(LEAST)
    for row in rows:
        if p.known(row - 1, "free0"):
            p.give_all([row], free(0, 1, 2) + limbs(0, 2 * SIDE), "lookup: the place of a number")


def reductions(p: Propagation) -> None:
    """Quotients and carries of all identities follow from the chain (small copy: `reduction`)."""
    for kind, names in REDUCTIONS.items():
        p.give_all(p.rows(kind), names, "lemma: quotient and carries of an identity of integers")


def link_form(n: int) -> dict[Place, Polynomial]:
    """
    What each quotient and carry cell of the link adds to the final sum: a polynomial in kappa, read
    off the rules.
    """
    circuit, layout = credential_text(n), Layout(n)
    rules = {c.label: c for c in circuit.constraints}
    kinds = kinds_of_rows(circuit, "bus")
    total, kappa, at = (
        circuit.index("sum"),
        frozenset({"kappa"}),
        {c.name: i for i, c in enumerate(circuit.columns)},
    )
    out: dict[Place, Polynomial] = {}
    later: Polynomial = {(): 1}  # what the rows below make of the register
    for row in reversed(range(layout.link, layout.link + 1 + ADDITIONS * ADDITION_ROWS + 5)):
        (kind,) = kinds[row]
        label = (
            "link.ye.final_sum" if kind == "link_ye" else f"link.{kind.removeprefix('link_')}.sum"
        )
        unknown = frozenset([(total, 0), *((at[name], 0) for name in REDUCTIONS.get(kind, ()))])
        found = form(rules[label].body, unknown, kappa)
        sign = 1 if kind == "link_ye" else -1  # next(sum) - value
        for (column, _), coefficient in found.linear.items():
            assert coefficient is not None and not found.tangled
            if column != total:
                out[row, column] = times(times(coefficient, {(): sign % R}), later)
        later = times(times(found.linear[total, 0] or {}, {(): sign % R}), later)
    return out


def asked(circuit: Circuit) -> list[str]:
    """The bits that say whether a metric is asked."""
    nodes = walk([c.body for c in circuit.constraints])
    return sorted({n.name for n in nodes if n.kind == NAMED and n.name.startswith("ask_")})


@cache
def propagated(n: int, leave_out: tuple[str, ...] = ()) -> Propagation:
    """
    The finished propagation of class n; with `leave_out`, lemmas and rules of these names are not
    used.
    """
    circuit, layout = credential_text(n), Layout(n)
    lemmas = [lemma for lemma in LEMMAS if lemma.name not in leave_out]
    p = Propagation(
        circuit, dict.fromkeys(limbs(0, LIMBS), RANGE - 1), lemmas, asked(circuit),
        skip=range(1, layout.capacity - 1), leave_out=leave_out,
    )  # fmt: skip
    start(p, layout)
    records(p)
    reductions(p)
    p.run(
        [
            step
            for step in (totals, flags, words, scored, sums, bus, carried_on, taken_over, ratio)
            if step.__name__ not in leave_out
        ]
    )
    return p


def cell_classes(
    p: Propagation, reads: Mapping[str, tuple[int, int, str]]
) -> dict[tuple[str, str], set[str]]:
    """
    Every class of stage-1 cells and registers, (kinds of the row, column), and all arguments for
    its cells.

    Parameters
    ----------
    reads : kind of row to counts of limbs and free cells, and registers, that some rule reads
        (`support.cells.READ`).
    """
    circuit, silent = p.circuit, silent_slots(p.circuit)
    columns = [*limbs(0, LIMBS), *free(*range(FREE)), *REGISTERS]
    left_out = set(circuit.kinds["record"].rows) - set(p.rows("record"))
    out: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row, kinds in kinds_of_rows(circuit, "bus", "sum_start", "sum_end").items():
        if row in left_out:
            continue
        read = {name for kind in kinds for name in read_columns(*reads[kind])}
        for name in columns:
            argument = p.argument.get((row, p.column[name]))
            if argument is None and name not in read:
                argument = UNREAD
            elif argument is None and (row, name) in silent:
                argument = SILENT
            out[" ".join(kinds), name].add(argument or "SECOND VALUE")
    return out


def read_columns(limb_count: int, free_count: int, registers: str) -> list[str]:
    return [*limbs(0, limb_count), *free(*range(free_count)), *registers.split()]


def silent_slots(circuit: Circuit) -> set[tuple[int, str]]:
    """
    Free cells 0 and 1 of bus rows whose message has multiplicity zero: their denominator is there,
    nothing else.
    """
    return {
        (row, f"free{slot}") for row in circuit.kinds["bus"].rows for slot in (0, 1)
        if not fixed_cell(circuit, f"c{2 + slot}", row)
    }  # fmt: skip


def fixed_cell(circuit: Circuit, name: str, row: int) -> int:
    column = circuit.fixed_values[name]
    return column.wide.get(row, int(column.narrow[row]))
