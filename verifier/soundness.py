"""
The error budget: how likely a false statement is accepted, term by term, from a circuit's own
figures (docs/explanation/soundness.md 3).

For each challenge the values that let a false trace pass are counted: a test that fails as a
polynomial holds for at most as many values as its degree (Schwartz-Zippel). The assumptions have a
term each, in bits of work. The total is the union bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from algebra.interface import R
from circuits.language.circuit import END_ROWS, MAXIMUM_DEGREE, Circuit, Constraint
from circuits.language.expression import CELL, NAMED, ROW, SUBTRACTION, Expression, cell, fold, walk
from circuits.language.packing import packs
from verifier.key import VerifyingKey

HASH_BITS = 256
"""Of Keccak-256. A challenge is a digest mod r, so a value has at most `PREIMAGES` digests."""
PREIMAGES = -(-(1 << HASH_BITS) // R)
CURVE_BITS = 100
"""
Discrete logarithms in the target field of BN254 by the number field sieve: Barbulescu and Duquesne,
eprint 2017/334.
"""
TRANSCRIPT_BITS = HASH_BITS / 2
"""Collisions of Keccak-256: two transcripts, keys or policies with one digest."""
SPONGE_BITS = log2(R) / 2
"""Collisions of Poseidon2 with one element of capacity and one of digest."""
SCOPE_BITS = 248 / 2
"""Collisions of scopes and venues, which are Keccak-256 cut to 248 bits."""

CHALLENGE, ASSUMPTION = "challenge", "assumption"
Degrees = dict[str, int]
"""Degree in each challenge; absent names have degree zero."""
Place = tuple[int, int]
"""(column, row), or (column, rotation) within an expression."""


@dataclass(frozen=True, slots=True)
class Term:
    """
    One way to be wrong.

    Parameters
    ----------
    name : of the challenge or of the assumption.
    kind : CHALLENGE (odds of one try, over the oracle's answer) or ASSUMPTION (work to break it).
    bits : -log2 of the odds, or log2 of the work.
    count : values of the challenge that help a cheat, at most; 0 for an assumption.
    why : what is counted, or where the figure is from.
    """

    name: str
    kind: str
    bits: float
    count: int
    why: str


def challenge_term(name: str, count: int, why: str) -> Term:
    """The odds that a digest mod r is one of `count` values, each at most `PREIMAGES` in 2^256."""
    return Term(name, CHALLENGE, HASH_BITS - log2(count * PREIMAGES), count, why)


def error_budget(circuit: Circuit, slots: int) -> list[Term]:
    """
    Every term of a finished circuit with `slots` columns to a commitment, in the order of the
    transcript.

    Powers of the setup beyond those that the class needs are the adversary's too if a ceremony
    published them: see the term `powers of tau`, which is for those of the class.
    """
    n = circuit.size
    powers = max(slots, MAXIMUM_DEGREE - 1) * n + 1
    tests, fractions = rule_degrees(circuit), fraction_degrees(circuit)
    out = []
    for name in circuit.challenges:
        count = tests.get(name, 0) + fractions.get(name, 0)
        why = (
            f"rules between cells {tests.get(name, 0)}, running sum and its poles "
            f"{fractions.get(name, 0)}"
        )
        out.append(challenge_term(name, max(1, count), why))
    rules = len(circuit.constraints)
    out.append(challenge_term("alpha", rules, f"{rules} rules in one sum of powers"))
    # a pack's polynomial may have any degree below `powers`, so a column (powers - 1) / k; T
    # likewise, times Z_H
    column = (powers - 1) // slots
    quotient = max(MAXIMUM_DEGREE * column + END_ROWS, n + powers - 1)
    out.append(
        challenge_term(
            "xi",
            quotient,
            f"quotient identity of degree {quotient}; values of the domain are refused",
        )
    )
    commitments = len(packs(circuit, slots))
    out.append(
        challenge_term(
            "v", commitments, f"{commitments} packs and the quotient in one sum of powers"
        )
    )
    opening = powers - 1 + 2 * slots + 1
    out.append(challenge_term("y", opening, f"opening identity of degree {opening}"))
    return [*out, *assumptions(powers)]


def assumptions(powers: int) -> list[Term]:
    """Terms that no figure of a circuit moves, but for the number of powers of tau."""
    return [
        Term(
            "curve",
            ASSUMPTION,
            CURVE_BITS,
            0,
            "q-DLOG in BN254 by the number field sieve, about 100 (eprint 2017/334)",
        ),
        Term(
            "powers of tau",
            ASSUMPTION,
            log2(R / powers) / 2,
            0,
            f"tau from {powers} powers (Cheon, Eurocrypt 2006)",
        ),
        Term(
            "keccak", ASSUMPTION, TRANSCRIPT_BITS, 0, "collisions; random oracle of the transcript"
        ),
        Term(
            "poseidon2",
            ASSUMPTION,
            SPONGE_BITS,
            0,
            "collisions of leaves, nodes, owner tags, nullifiers",
        ),
        Term("scope", ASSUMPTION, SCOPE_BITS, 0, "collisions of scopes and venues, 248 bits"),
    ]


def total_bits(terms: Sequence[Term]) -> float:
    """-log2 of the sum of all odds: the union bound."""
    return -log2(sum(2.0**-term.bits for term in terms))


def report(key: VerifyingKey) -> dict[str, Any]:
    """The budget of a key: bits of every term, what each counts, and the sums."""
    terms = error_budget(key.circuit, key.slots)
    return {
        "key": {
            "digest": "0x" + key.digest.hex(),
            "circuit": key.circuit.name,
            "class": key.size,
            "columns_to_a_commitment": key.slots,
            "rules": len(key.circuit.constraints),
            "setup": key.setup_status,
        },
        "bits_of_challenges": {t.name: round(t.bits, 1) for t in terms if t.kind == CHALLENGE},
        "bits_of_assumptions": {t.name: round(t.bits, 1) for t in terms if t.kind == ASSUMPTION},
        "counted": {t.name: t.why for t in terms},
        "bits_of_all_challenges": round(total_bits([t for t in terms if t.kind == CHALLENGE]), 1),
        "bits_in_total": round(total_bits(terms), 1),
    }


# -- degrees in challenges -------------------------------------------------------------------------
def rule_degrees(circuit: Circuit) -> Degrees:
    """
    Sum over all rows of the degrees of the rules that compare cells.

    A rule `next(register) - value` only says what the register is: its degree counts where the
    register is compared.
    """
    registers, total = Registers(circuit), Degrees()
    for constraint in circuit.constraints:
        if defines(constraint) is None and not of_an_argument(constraint):
            for row in constraint.rows if registers.read_by(constraint.body) else (None,):
                times = 1 if row is not None else len(constraint.rows)
                for name, degree in registers.of(constraint.body, row or 0).items():
                    total[name] = total.get(name, 0) + degree * times
    return total


def fraction_degrees(circuit: Circuit) -> Degrees:
    """
    Degrees of the running sum as one polynomial in all challenges, cleared of fractions, and of the
    product of its poles.

    The sum of fractions of different challenges is zero only if each is
    (docs/explanation/protocol.md 3.3). A pole frees a helper cell.
    """
    registers, challenges = Registers(circuit), frozenset(circuit.challenges)
    rows = circuit.size - END_ROWS
    poles, top = Degrees(), Degrees()
    for helper in circuit.helpers:
        for numerator, denominator in helper.fractions:
            for name, degree in degrees(denominator, {}, challenges).items():
                poles[name] = poles.get(name, 0) + degree * rows
            top = greater(top, degrees(numerator, {}, challenges))
    for _, term in circuit.sum_terms:
        at = [node.number for node in walk([term]) if node.kind == ROW]
        top = greater(top, registers.of(term, *at) if at else degrees(term, {}, challenges))
    return {name: 2 * poles.get(name, 0) + top.get(name, 0) for name in poles | top}


def greater(a: Degrees, b: Degrees) -> Degrees:
    """The larger degree in each challenge."""
    return {name: max(a.get(name, 0), b.get(name, 0)) for name in a | b} if a and b else a or b


def degrees(
    expression: Expression, cells: Mapping[Place, Degrees], challenges: frozenset[str]
) -> Degrees:
    """Degree of an expression in each challenge, given those of the registers that it reads."""

    def leaf(node: Expression) -> Degrees:
        if node.kind == NAMED and node.name in challenges:
            return {node.name: 1}
        return cells.get(node.place, {}) if node.kind == CELL else {}

    def product(a: Degrees, b: Degrees) -> Degrees:
        return {name: a.get(name, 0) + b.get(name, 0) for name in a | b} if a and b else a or b

    return fold(expression, leaf=leaf, add=greater, subtract=greater, multiply=product)


class Registers:
    """
    Degrees in challenges of the registers of a circuit, as its rules define them from stage-1
    cells.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._challenges = frozenset(circuit.challenges)
        self._columns = {
            i for i, c in enumerate(circuit.columns) if c.rotated and c.name != "running_sum"
        }
        self._sets: dict[Place, Constraint] = {}
        self._compares: dict[Place, Constraint] = {}
        self._known: dict[Place, Degrees] = {}
        self._cache: dict[tuple[Any, ...], Degrees] = {}
        for constraint in circuit.constraints:
            if of_an_argument(constraint):
                continue
            column = defines(constraint)
            for place in [(column, 1)] if column is not None else self.read_by(constraint.body):
                for row in constraint.rows:
                    (self._compares if column is None else self._sets).setdefault(
                        (place[0], row + place[1]), constraint
                    )
        for place in sorted(
            self._sets, key=lambda place: place[1]
        ):  # row by row: no definition is far behind
            self.cell(place)

    def read_by(self, expression: Expression) -> list[Place]:
        """(column, rotation) of the registers in an expression."""
        return [
            node.place
            for node in walk([expression])
            if node.kind == CELL and node.place[0] in self._columns
        ]

    def of(self, expression: Expression, row: int, *, without: int | None = None) -> Degrees:
        """Degrees of an expression on a row; register `without` counts as none."""
        cells = {
            p: self.cell((p[0], row + p[1])) for p in self.read_by(expression) if p[0] != without
        }
        key = (
            expression,
            without,
            *((place, *sorted(found.items())) for place, found in cells.items()),
        )
        if key not in self._cache:
            self._cache[key] = degrees(expression, cells, self._challenges)
        return self._cache[key]

    def cell(self, place: Place) -> Degrees:
        """
        Degrees of the register (column, row).

        Set by the row above; or where that says nothing, by the first rule that compares it, on
        this row or on one to which it is handed unchanged (the slope of an addition, which its own
        limbs set two rows on).
        """
        if place not in self._known:
            column, row = place
            if place in self._sets:
                self._known[place] = self.of(self._sets[place].body.right, row - 1)
            else:
                while (column, row) not in self._compares and self._handed_on(column, row):
                    row += 1
                rule = self._compares.get((column, row))
                self._known[place] = self.of(rule.body, row, without=column) if rule else {}
        return self._known[place]

    def _handed_on(self, column: int, row: int) -> bool:
        rule = self._sets.get((column, row + 1))
        return rule is not None and rule.body.right is cell(column)


def of_an_argument(constraint: Constraint) -> bool:
    """
    A rule of a helper column or of the running sum: it says what they are and compares no
    registers.
    """
    return constraint.label.startswith(("helper.", "sum."))


def defines(constraint: Constraint) -> int | None:
    """The register that a rule `next(register) - value` sets."""
    body = constraint.body
    if body.kind == SUBTRACTION and body.left.kind == CELL and body.left.place[1]:
        return body.left.place[0]
    return None
