"""
The error budget follows the circuit: its class, its rules, their degrees, its fractions; and adds
up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from math import log2
from pathlib import Path

import pytest
from support.credential import RHO, honest
from support.forge import forger, link_registers, link_row

from algebra.interface import R
from circuits.credential.v2.layout import MAXIMUM_CLASS, MINIMUM_CLASS
from circuits.credential.v2.statement import credential_text
from circuits.language.circuit import END_ROWS, MAXIMUM_DEGREE, Circuit
from verifier.soundness import (
    ASSUMPTION,
    CHALLENGE,
    HASH_BITS,
    PREIMAGES,
    Registers,
    Term,
    error_budget,
    fraction_degrees,
    rule_degrees,
    total_bits,
)

GROWS = {"kappa", "gamma", "beta", "bus", "message", "xi", "y"}
"""Challenges whose bad values grow with the class; of `kappa` only those of the lookups."""


def budget(circuit: Circuit, slots: int = 4) -> dict[str, Term]:
    return {term.name: term for term in error_budget(circuit, slots)}


def test_total_is_the_union_bound() -> None:
    assert total_bits([Term("a", CHALLENGE, 10, 1, ""), Term("b", CHALLENGE, 10, 1, "")]) == 9
    terms = error_budget(credential_text(1 << MINIMUM_CLASS), 4)
    odds = sum(2**-term.bits for term in terms)
    assert total_bits(terms) == pytest.approx(-log2(odds)) and total_bits(terms) < min(
        term.bits for term in terms
    )


def test_every_challenge_of_the_transcript_has_a_term() -> None:
    circuit = credential_text(1 << MINIMUM_CLASS)
    names = [term.name for term in error_budget(circuit, 4) if term.kind == CHALLENGE]
    assert names == [*circuit.challenges, "alpha", "xi", "v", "y"]
    assert all(term.count > 0 for term in error_budget(circuit, 4) if term.kind == CHALLENGE)


@pytest.mark.parametrize(
    "bits", [MINIMUM_CLASS, 16, pytest.param(MAXIMUM_CLASS, marks=pytest.mark.slow)]
)
def test_every_class_has_two_hundred_bits_before_the_assumptions(bits: int) -> None:
    terms = error_budget(credential_text(1 << bits), 4)
    assert total_bits([term for term in terms if term.kind == CHALLENGE]) > 220
    assert 99.9 < total_bits(terms) < 100


def test_the_class_moves_what_counts_rows() -> None:
    small, large = budget(credential_text(1 << 13)), budget(credential_text(1 << 14))
    for name, term in small.items():
        if term.kind == CHALLENGE:
            assert term.bits - large[name].bits == pytest.approx(
                1 if name in GROWS else 0, abs=0.02
            ), name
    assert small["powers of tau"].bits - large["powers of tau"].bits == pytest.approx(
        0.5, abs=0.001
    )
    fixed = [
        name for name, term in small.items() if term.kind == ASSUMPTION and name != "powers of tau"
    ]
    assert all(small[name] == large[name] for name in fixed)


def test_the_pack_size_moves_the_opening() -> None:
    four, sixteen = budget(credential_text(1 << 13)), budget(credential_text(1 << 13), 16)
    assert sixteen["v"].count < four["v"].count and sixteen["y"].count > four["y"].count
    assert sixteen["powers of tau"].bits < four["powers of tau"].bits


def small(rules: Callable[[Circuit], None], n: int = 32) -> Circuit:
    circuit = Circuit("budget", n)
    rules(circuit)
    circuit.close()
    return circuit


def chain(steps: int) -> Callable[[Circuit], None]:
    """
    A register that is multiplied by a challenge in each step, and compared at the end: degree
    `steps`.
    """

    def rules(c: Circuit) -> None:
        x, a, k = c.advice("x"), c.register("a"), c.challenge("k")
        c.require(c.single("first", 0), "first", a - x, exact=False)
        c.require(c.kind("step", range(steps)), "step", c.next(a) - (a * k + x), exact=False)
        c.require(c.single("last", steps), "last", a - x, exact=False)

    return rules


def lookup(width: int, fractions: int) -> Callable[[Circuit], None]:
    """`fractions` lookups of tuples of `width`."""

    def rules(c: Circuit) -> None:
        k, beta = c.challenge("k"), c.challenge("beta")
        for i in range(fractions):
            value, power = beta, k
            for part in range(width):
                value = value + c.advice(f"x{i}_{part}") * (1 if part == 0 else power)
                power = power * k if part else power
            c.helper(f"h{i}", [(1, value)])

    return rules


@pytest.mark.parametrize("steps", [1, 4, 11])
def test_degree_of_a_register_is_followed_down_the_rows(steps: int) -> None:
    assert rule_degrees(small(chain(steps))) == {"k": steps}


@pytest.mark.parametrize(("width", "fractions"), [(1, 1), (1, 3), (3, 1), (3, 2)])
def test_fractions_are_counted_by_rows(width: int, fractions: int) -> None:
    found = fraction_degrees(small(lookup(width, fractions)))
    rows = 32 - END_ROWS
    assert found["beta"] == 2 * rows * fractions
    assert found.get("k", 0) == 2 * rows * fractions * (width - 1)


def test_one_rule_more() -> None:
    def more(c: Circuit) -> None:
        chain(3)(c)
        c.require(None, "more", c.advice("y"), guard=3, exact=False)

    assert budget(small(more))["alpha"].count == budget(small(chain(3)))["alpha"].count + 1


def test_odds_of_a_challenge() -> None:
    """A digest of 256 bits mod r: no value has more digests than counted, and zero has as many."""
    assert ((1 << HASH_BITS) - 1) // R + 1 == PREIMAGES == 6
    assert Term("one", CHALLENGE, 0, 1, "").count == 1
    bits = budget(small(chain(1)))["k"].bits
    assert bits == pytest.approx(HASH_BITS - log2(PREIMAGES))


def test_quotient_identity() -> None:
    """
    Columns of degree n in rules of degree four, or Z_H times a quotient of all powers: five times
    n.
    """
    circuit = credential_text(1 << 13)
    assert budget(circuit)["xi"].count == 5 * circuit.size == (MAXIMUM_DEGREE + 1) * circuit.size


@pytest.mark.slow
def test_degree_of_the_link_by_its_values() -> None:
    """
    The final sum of the link with one false carry, at kappa = 0, 1, 2, ..: its differences of one
    order vanish, of the order below do not. The order is that which the budget reads off the rules.
    """
    circuit, witness = credential_text(1 << 13), forger(honest())
    witness.stage1(honest().record, RHO)
    cells, row = witness.cells, link_row("ye")
    cells.limbs[8, link_row("c2b", 0)] += 1
    degree = Registers(circuit).cell((circuit.index("sum"), row))["kappa"]
    values = []
    for kappa in range(degree + 2):
        total = link_registers(cells, kappa, honest().record)["sum"][row]
        values.append((total - cells.get_limbs(row, 0, 8) - kappa * cells.get_limbs(row, 8, 8)) % R)
    for _ in range(degree):
        values = [(b - a) % R for a, b in pairwise(values)]
    assert values[0] == values[1] != 0


def test_the_document_quotes_these_figures() -> None:
    """
    docs/explanation/soundness.md 3: every row of the table, for the classes and pack sizes in its
    head.
    """
    text = (
        (Path(__file__).resolve().parents[2] / "docs" / "explanation" / "soundness.md")
        .read_text()
        .split("## 4.")[0]
    )
    rows = [
        [part.strip() for part in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    head = next(row for row in rows if row[0] == "term")
    columns = [tuple(map(int, re.findall(r"\d+", title)))[1:] for title in head[1:]]
    quoted = {row[0]: row[1:] for row in rows if len(row) == len(head) and row is not head}
    for i, (bits, slots) in enumerate(columns):
        terms = error_budget(credential_text(1 << bits), slots)
        figures = {term.name: term.bits for term in terms}
        figures["all challenges"] = total_bits([term for term in terms if term.kind == CHALLENGE])
        figures["total"] = total_bits(terms)
        assert {name: values[i] for name, values in quoted.items()} == {
            name: f"{bits_:.1f}" for name, bits_ in figures.items()
        }
