"""
The columns that all regions share, and the bus that moves values between them
(docs/explanation/layout.md 1, docs/explanation/protocol.md 3.3).

limb : 16 columns, every cell of every row a number of 12 bits by lookup.
free : 13 columns of bits on record rows, of any width elsewhere.
v, slope, sum : three registers, read at the next row.
c : four fixed columns: round constants on round rows, (id, id, multiplicity, multiplicity) on bus
    rows, the day's number on day rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from circuits.language.circuit import BLINDING_ROWS_UNROTATED, Circuit, CircuitError, Kind, Lookup
from circuits.language.expression import Expression, add_all, compose, power

LIMBS, LIMB_BITS = 16, 12
FREE = 13
RANGE = 1 << LIMB_BITS
POINT_TAG = 1 << 200
"""Added to the third coefficient of a point entry, which is below 2^162: no range entry has one."""


@dataclass(slots=True)
class Message:
    """
    `multiplicity` > 0: the one producer of `name`; -1: a consumer. The value is free cell `slot` of
    the row.
    """

    name: str
    row: int
    slot: int
    consumes: bool


@dataclass(slots=True)
class Shared:
    """Columns of the credential circuit."""

    circuit: Circuit
    limb: list[Expression] = field(default_factory=list)
    free: list[Expression] = field(default_factory=list)
    multiplicity: Expression = field(init=False)
    c: list[Expression] = field(init=False)
    table: list[Expression] = field(init=False)
    v: Expression = field(init=False)
    slope: Expression = field(init=False)
    sum: Expression = field(init=False)
    messages: list[Message] = field(default_factory=list)
    challenge: dict[str, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        c = self.circuit
        self.c = [c.fixed(f"c{i}") for i in range(4)]
        self.table = [c.fixed(f"table{i}") for i in range(3)]
        self.limb = [c.advice(f"limb{i}") for i in range(LIMBS)]
        self.free = [c.advice(f"free{i}") for i in range(FREE)]
        self.multiplicity = c.advice("multiplicity")
        self.v, self.slope, self.sum = c.register("v"), c.register("slope"), c.register("sum")
        for name in CHALLENGES:
            self.challenge[name] = c.challenge(name)
        for limb in self.limb:
            c.bound(None, limb, 0, RANGE - 1)

    @property
    def wallets(self) -> Expression:
        """Register slope as day rows use it: the number of wallets."""
        return self.slope

    @property
    def risk(self) -> Expression:
        """Register sum as day rows use it: what risk rows take over from each other."""
        return self.sum

    def number(self, start: int, limbs: int) -> Expression:
        """The number in limb cells start .. start + limbs - 1."""
        return compose(self.limb[start : start + limbs], LIMB_BITS)

    def carried(self, values: Sequence[Expression | int]) -> Expression:
        """
        One register's worth of several stage-1 values: sum of value_i * carry^i
        (docs/explanation/protocol.md 3.3).
        """
        return add_all(power(self.challenge["carry"], i) * value for i, value in enumerate(values))

    def keep(self, kind: Kind, *registers: Expression) -> None:
        """Registers that pass through a row unchanged."""
        for register in registers:
            name = self.circuit.columns[register.place[0]].name
            self.circuit.require(
                kind,
                f"{kind.name}.keep_{name}",
                self.circuit.next(register) - register,
                exact=False,
            )

    # -- the bus -----------------------------------------------------------------------------------
    def produce(self, name: str, row: int, slot: int) -> None:
        """Free cell `slot` (0 or 1) of the row is the value of `name`."""
        self.messages.append(Message(name, row, slot, False))

    def consume(self, name: str, row: int, slot: int) -> None:
        """Free cell `slot` (0 or 1) of the row equals the value of `name`."""
        self.messages.append(Message(name, row, slot, True))

    def place_messages(self) -> list[int]:
        """
        Fill the fixed columns of the bus; the rows it uses. One producer a name, each with its
        consumers.
        """
        names = sorted({m.name for m in self.messages})
        for name in names:
            group = [m for m in self.messages if m.name == name]
            if sum(not m.consumes for m in group) != 1 or len(group) < 2:
                raise CircuitError(f"bus: {name} needs one producer and at least one consumer")
        seen = set()
        for message in self.messages:
            if message.slot not in (0, 1) or (message.row, message.slot) in seen:
                raise CircuitError(
                    f"bus: {message.name}: slot {message.slot} of row {message.row} is taken or "
                    "wrong"
                )
            seen.add((message.row, message.slot))
            consumers = sum(m.consumes for m in self.messages if m.name == message.name)
            self.circuit.set_fixed(f"c{message.slot}", message.row, names.index(message.name) + 1)
            self.circuit.set_fixed(
                f"c{2 + message.slot}", message.row, -1 if message.consumes else consumers
            )
        return sorted({m.row for m in self.messages})

    # -- lookups -----------------------------------------------------------------------------------
    def look_up_all(self, entry: Expression, kinds: Mapping[str, Kind]) -> None:
        """
        Every limb cell is in the range table, `entry` on the rows of `kinds` in the table of
        points and of M26's scale (docs/explanation/protocol.md 3.2).

        One column of multiplicities serves all tables. An entry of three numbers carries a tag that
        no limb can have, and points another than places. Correctness: without the lookup of a limb,
        L3 and L4 of the link and all range checks fall.

        Parameters
        ----------
        entry : of degree 1, in stage-1 cells. kinds : the rows that look it up, by the lookup's
            name.
        """
        c, beta, kappa = self.circuit, self.challenge["beta"], self.challenge["kappa"]
        table = self.table[0] + kappa * self.table[1] + kappa * kappa * self.table[2]
        c.table = table
        rows = range(c.size - BLINDING_ROWS_UNROTATED - 3)
        for i, limb in enumerate(self.limb):
            c.lookups.append(Lookup(f"range.limb{i}", limb, rows))
        for name, kind in kinds.items():
            c.lookups.append(Lookup(name, entry, kind.rows))
        for i in range(0, LIMBS - 1, 3):
            c.helper(f"range{i // 3}", [(1, beta + limb) for limb in self.limb[i : i + 3]])
        c.helper(
            "tables",
            [
                (1, beta + self.limb[15]),
                (add_all(kind.selector for kind in kinds.values()), beta + entry),
                (-self.multiplicity, beta + table),
            ],
        )


CHALLENGES = ("kappa", "carry", "group", "gamma", "beta", "bus", "message", "sigma")
"""
kappa: polynomial identities of the link; carry: tuples in registers; group, gamma: group-by
(powers, then day); beta: lookups; bus, message: bus (value, then id); sigma: sums over days.
"""


def groups(value: int) -> list[int]:
    """A base-field number as coefficients of 2^96: 96, 96 and 62 bits."""
    mask = (1 << 96) - 1
    return [value & mask, value >> 96 & mask, value >> 192]


def point_entry(point: tuple[int, int]) -> list[int]:
    """The three table cells of a point."""
    entry = [x + (y << 100) for x, y in zip(groups(point[0]), groups(point[1]), strict=True)]
    return [entry[0], entry[1], entry[2] + POINT_TAG]
