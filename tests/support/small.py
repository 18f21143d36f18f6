"""
Small circuits, one for each feature of the constraint language, with their witnesses and cheats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from algebra.interface import Algebra, Basis, Column, R
from circuits.language.circuit import END_ROWS, Circuit, Lookup
from circuits.language.expression import wrap
from prover.keys import ProvingKey
from prover.setup import Setup, lagrange_bases, unsafe_dev_setup
from tierproof.testing import Cheat, PlainWitness, cheat, column, get, put, small_key


@dataclass
class Small:
    """A circuit with all that `check_circuit` needs."""

    circuit: Circuit
    witness: PlainWitness
    statement: tuple[int, ...]
    cheats: Sequence[Cheat]
    records: list[int] | None = None
    slots: int = 4

    def key(self, algebra: Algebra) -> ProvingKey:
        return small_key(self.circuit, algebra, self.slots)

    def arguments(self) -> tuple[Any, ...]:
        return self.circuit, self.witness, self.statement, self.cheats


def range_lookup(n: int = 32) -> Small:
    """
    `value` is in 0..15 on all rows that count, by lookup in a table of 16 entries; the sum of two
    cells is public.
    """
    c = Circuit("small/range", n, statement=("total",))
    table, value = c.fixed("table"), c.advice("value")
    multiplicity = c.advice("multiplicity")
    for i in range(16):
        c.set_fixed("table", i, i)
    total, beta = c.scalar("total", 0, 30), c.challenge("beta")
    first, second = c.single("first", 0), c.single("second", 1)
    carried = c.register("carried")
    c.bound(None, value, 0, 15)
    c.require(first, "first", c.next(carried) - value, exact=False)
    c.require(second, "total", carried + value - total, exact=False)
    c.table = table
    c.lookups.append(Lookup("range", value, tuple(range(n - END_ROWS))))
    c.helper("range", [(1, beta + value), (-multiplicity, beta + table)])
    c.close()
    values = [7, 12, *[(3 * i) % 16 for i in range(n - END_ROWS - 2)]]
    counts = np.bincount(values, minlength=16)
    witness = PlainWitness(
        {"value": column(values, n), "multiplicity": column(counts.tolist(), n)},
        lambda _: {"carried": column([0, 7], n)},
    )

    def out_of_range(value: int) -> Any:
        def alter(columns: dict[str, Column]) -> None:
            put(columns, "value", 9, value)

        return alter

    def borrow(columns: dict[str, Column]) -> None:
        """12 + 7 = 19 = 20 - 1: right sum, limbs out of range."""
        put(columns, "value", 0, 20)
        put(columns, "value", 1, -1)

    def count(columns: dict[str, Column]) -> None:
        put(columns, "multiplicity", 3, get(columns, "multiplicity", 3) + 1)

    def free_entry(columns: dict[str, Column]) -> None:
        """A multiplicity on a row after the ones that count gives nothing."""
        put(columns, "multiplicity", 0, get(columns, "multiplicity", 0) - 1)
        put(columns, "multiplicity", n - END_ROWS, 1)

    cheats = [
        cheat("sixteen", "range", "sum.end", first=out_of_range(16)),
        cheat("minus one", "range", "sum.end", first=out_of_range(-1)),
        cheat("half", "range", "sum.end", first=out_of_range(pow(2, -1, R))),
        cheat("another value of the range", "sum.end", first=out_of_range(0)),
        cheat(
            "borrow", "range", "sum.end", first=borrow, second=lambda r, _: put(r, "carried", 1, 20)
        ),
        cheat("one multiplicity", "sum.end", first=count),
        cheat("a table row past the end", "sum.end", first=free_entry),
        cheat("register", "first", "total", second=lambda r, _: put(r, "carried", 1, 8)),
    ]
    return Small(c, witness, (19,), cheats)


def recurrence(n: int = 16) -> Small:
    """next(a) = 3 a + x on nine rows, from a public start to a public end; x is a bit."""
    steps = 9
    c = Circuit("small/recurrence", n, statement=("start", "end"))
    x, a = c.advice("x"), c.register("a")
    start, end = c.scalar("start", 0, R - 1), c.scalar("end", 0, R - 1)
    step = c.kind("step", range(steps), pure=True)
    c.bound(step, x, 0, 1)
    c.require(step, "bit", x * (x - 1))
    c.require(step, "step", c.next(a) - a * 3 - x, exact=False)
    c.require(c.single("from", 0), "start", a - start, exact=False)
    c.require(c.single("to", steps), "end", a - end, exact=False)
    c.close()
    bits, states = [1, 0, 1, 1, 0, 0, 1, 0, 1], [5]
    for bit in bits:
        states.append(3 * states[-1] + bit)
    witness = PlainWitness({"x": column(bits, n)}, lambda _: {"a": column(states, n)})

    def two(columns: dict[str, Column]) -> None:
        put(columns, "x", 4, 2)

    def follow(registers: dict[str, Column], _: Mapping[str, int]) -> None:
        """Registers recomputed for x[4] = 2; x[5] = -3 * 2 brings it back on the line."""
        put(registers, "a", 5, 3 * states[4] + 2)

    def two_and_back(columns: dict[str, Column]) -> None:
        two(columns)
        put(columns, "x", 5, -6)

    cheats = [
        cheat("one bit", "step", first=lambda f: put(f, "x", 3, 0)),
        cheat("not a bit", "bit", "step", first=two),
        cheat("not bits, on the line", "bit", first=two_and_back, second=follow),
        cheat("another start", "start", "step", second=lambda r, _: put(r, "a", 0, 6)),
        cheat("another end", "end", "step", second=lambda r, _: put(r, "a", steps, 6)),
        cheat("a register inside", "step", second=lambda r, _: put(r, "a", 6, 1)),
    ]
    return Small(c, witness, (5, states[-1]), cheats)


SMALL_RECORDS = (0x21, 0x05, 0xF0, 0x77, 0x01)


def record_column(n: int = 16) -> Small:
    """
    R' = low + 16 high on record rows, zero elsewhere; the public word is the sum of all low halves.
    """
    c = Circuit("small/record", n, statement=("total",))
    low, high = c.advice("low"), c.advice("high")
    total = c.scalar("total", 0, R - 1)
    rows = c.kind("record", range(8), pure=True)
    c.record(rows.selector * (low + high * 16))
    running = c.register("running")
    c.require(rows, "running", c.next(running) - running - low, exact=False)
    c.require(c.single("from", 0), "from", running, exact=False)
    c.require(c.single("to", 8), "total", running - total, exact=False)
    c.close()
    lows = [word % 16 for word in SMALL_RECORDS] + [0, 0, 0]
    sums = [sum(lows[:i]) for i in range(9)]
    witness = PlainWitness(
        {"low": column(lows, n), "high": column([word // 16 for word in SMALL_RECORDS], n)},
        lambda _: {"running": column(sums, n)},
    )

    def moved(columns: dict[str, Column]) -> None:
        """
        Other halves, same record: nothing here bounds a half, so only the running sum complains.
        """
        put(columns, "low", 0, 17)
        put(columns, "high", 0, 1)

    cheats = [
        cheat("another record", "record", first=lambda f: put(f, "high", 2, 14)),
        cheat("one record more", "record", first=lambda f: put(f, "high", 7, 1)),
        cheat("halves moved", "running", first=moved),
    ]
    return Small(c, witness, (sum(lows),), cheats, records=list(SMALL_RECORDS))


def commit_small(small: Small, setup: Setup, algebra: Algebra) -> None:
    """Give a small circuit's witness its C."""
    basis = lagrange_bases(setup, small.circuit.size, 1, algebra)[0]
    words = algebra.vector(
        [*(small.records or []), *[0] * (small.circuit.size - len(small.records or []))],
        Basis.EVALUATION,
    )
    small.witness.commitment = algebra.msm(basis, words)


def committed(small: Small, algebra: Algebra) -> Small:
    """The same with its commitment, on the setup that `small_key` uses."""
    if small.records is not None:
        length = small.circuit.size * 4 + 1
        commit_small(small, unsafe_dev_setup(length, algebra), algebra)
    return small


def bus(n: int = 64) -> Small:
    """
    `sent` and `received` hold the same values with their tags, in any order: one helper of two
    fractions.
    """
    c = Circuit("small/bus", n, statement=("first_received",))
    tag, sent, received = c.fixed("tag"), c.advice("sent"), c.advice("received")
    wanted = c.scalar("first_received", 0, R - 1)
    gamma, delta = c.challenge("gamma"), c.challenge("delta")
    on = c.kind("on", range(20), pure=True).selector
    for row in range(20):
        c.set_fixed("tag", row, row % 4)
    c.helper(
        "bus", [(on, gamma + tag + delta * sent), (wrap(0) - on, gamma + tag + delta * received)]
    )
    c.require(c.single("top", 0), "first_received", received - wanted, exact=False)
    c.close()
    values = [(i * i + 10**6 * (i % 3)) for i in range(20)]
    turned = [values[(i + 8) % 20] for i in range(20)]
    witness = PlainWitness({"sent": column(values, n), "received": column(turned, n)})

    def swap(columns: dict[str, Column]) -> None:
        a, b = get(columns, "received", 5), get(columns, "received", 6)
        put(columns, "received", 5, b)
        put(columns, "received", 6, a)

    cheats = [
        cheat("a value changed", "sum.end", first=lambda f: put(f, "received", 3, 1)),
        cheat("a message under another tag", "sum.end", first=swap),
        cheat(
            "another answer", "sum.end", "first_received", first=lambda f: put(f, "received", 0, 9)
        ),
        cheat("one message twice", "sum.end", first=lambda f: put(f, "sent", 4, get(f, "sent", 8))),
    ]
    return Small(c, witness, (turned[0],), cheats)


SMALL = {"range": range_lookup, "recurrence": recurrence, "record": record_column, "bus": bus}
