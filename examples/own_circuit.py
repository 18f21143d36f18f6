"""
A circuit of one's own, with the cheats that it must stop.

The statement: ten hidden payments of 0 to 15 each add up to a public total.
Run it from the repository: `python examples/own_circuit.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from circuits.language.circuit import Circuit, Lookup
from tierproof.testing import Cheat, PlainWitness, cheat, check_circuit, column, put

COUNT, ROWS, ENTRIES = 10, 32, 16


def payments() -> Circuit:
    """The constraints: for each of them, a cheat below is stopped by it alone."""
    c = Circuit("example/payments", ROWS, statement=("total",))
    payment, multiplicity = c.advice("payment"), c.advice("multiplicity")
    running, table = c.register("running"), c.fixed("table")
    total, beta = c.scalar("total", 0, COUNT * (ENTRIES - 1)), c.challenge("beta")
    for entry in range(ENTRIES):
        c.set_fixed("table", entry, entry)
    row = c.kind("payment", range(COUNT), pure=True)
    # The running total starts at zero, takes each payment, and ends at the public word.
    c.require(c.single("first", 0), "start", running, exact=False)
    c.require(row, "add", c.next(running) - running - payment, exact=False)
    c.require(c.single("last", COUNT), "total", running - total, exact=False)
    # Every payment is an entry of the table: 1/(beta + payment) = multiplicity/(beta + entry).
    c.table = table
    c.lookups.append(Lookup("range", payment, range(COUNT)))
    c.helper("range", [(row.selector, beta + payment), (-multiplicity, beta + table)])
    c.close()
    return c


def witness(hidden: Sequence[int], running: Sequence[int] = ()) -> PlainWitness:
    """The columns for these payments; the running total is theirs unless another is given."""
    counts = [list(hidden).count(entry) for entry in range(ENTRIES)]
    sums = column(running or list(accumulate(hidden, initial=0)), ROWS)
    first = {"payment": column(hidden, ROWS), "multiplicity": column(counts, ROWS)}
    return PlainWitness(first, lambda _: {"running": sums})


def swapped(name: str, labels: Sequence[str], forged: PlainWitness) -> Cheat:
    """A cheat that puts a whole forged trace in the place of the honest one."""
    return cheat(
        name,
        *labels,
        first=lambda columns: columns.update(forged.first),
        second=lambda registers, scalars: registers.update(forged.second(scalars)),
    )


HIDDEN = (3, 0, 15, 7, 7, 1, 12, 4, 9, 2)
LESS = (2, *HIDDEN[1:])
JUMP = (0, *(total + 1 for total in accumulate(LESS)))
CHEATS = [
    swapped("a head start of one", ["start"], witness(LESS, (1, *JUMP[1:]))),
    swapped("one that nobody paid", ["add"], witness(LESS, JUMP)),
    swapped("another total", ["total"], witness(LESS)),
    swapped("a payment of 16", ["range", "sum.end"], witness((2, 0, 16, *HIDDEN[3:]))),
    cheat("a false count", "sum.end", first=lambda columns: put(columns, "multiplicity", 5, 1)),
]


def main() -> None:
    """Check the circuit and say what was found."""
    circuit = payments()
    proof = check_circuit(circuit, witness(HIDDEN), (sum(HIDDEN),), CHEATS)
    print(f"{circuit.name}: {len(circuit.columns)} columns, {len(circuit.constraints)} constraints")
    print(f"accepted: ten payments with the sum {sum(HIDDEN)}, a proof of {len(proof):,} bytes")
    for attempt in CHEATS:
        print(f"refused: {attempt.name}, stopped by {', '.join(sorted(attempt.labels))}")


if __name__ == "__main__":
    main()
