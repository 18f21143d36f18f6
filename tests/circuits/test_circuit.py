"""
The constraint language: small circuits accept only their valid witness; a circuit that contradicts
itself is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from support.small import SMALL, committed, recurrence

from algebra.interface import R
from algebra.native_backend import native
from circuits.language.circuit import (
    END_ROWS,
    MAXIMUM_DEGREE,
    Circuit,
    CircuitError,
    Derive,
    Loader,
)
from circuits.language.expression import cell
from tierproof.testing import CircuitCheckFailed, check_circuit


@pytest.mark.parametrize("name", SMALL)
def test_only_the_valid_witness_is_accepted(name: str) -> None:
    algebra = native()
    small = committed(SMALL[name](), algebra)
    check_circuit(
        *small.arguments(), algebra=algebra, key=small.key(algebra), records=small.records
    )


def test_the_helper_notices_a_cheat_that_passes() -> None:
    """
    check_circuit itself can fail: a cheat that changes nothing, and labels that are not the ones
    that stop it.
    """
    small, algebra = recurrence(), native()
    nothing = small.cheats[0].__class__("nothing", frozenset(), None, None)
    with pytest.raises(CircuitCheckFailed, match="nothing: a false proof is accepted"):
        check_circuit(small.circuit, small.witness, small.statement, [nothing], algebra=algebra)
    wrong = small.cheats[0].__class__(
        "wrong label", frozenset({"bit"}), small.cheats[0].first, None
    )
    with pytest.raises(CircuitCheckFailed, match="wrong label: stopped by"):
        check_circuit(small.circuit, small.witness, small.statement, [wrong], algebra=algebra)


def degree_five(c: Circuit) -> None:
    x = c.advice("x")
    c.require(c.kind("k", [0], pure=True), "too high", x * x * x * x, exact=False)


def degree_four_with_guard(c: Circuit) -> None:
    """
    Selector ONE and guard 3: x^4 has degree 4(n - 1) + 3, one vanishing polynomial of which leaves
    room.
    """
    x = c.advice("x")
    c.require(None, "too high", x * x * x * x * x, guard=3, exact=False)


def label_twice(c: Circuit) -> None:
    x, k = c.advice("x"), c.kind("k", [0], pure=True)
    c.require(k, "twice", x, exact=False)
    c.require(k, "twice", x - 1, exact=False)


def wrap(c: Circuit) -> None:
    x, k = c.advice("x"), c.kind("k", [0], pure=True)
    c.bound(k, x, 0, 1 << 127)
    c.require(k, "wraps", x * x)


def no_bound(c: Circuit) -> None:
    c.require(c.kind("k", [0], pure=True), "loose", c.advice("x"))


def challenge_has_no_bound(c: Circuit) -> None:
    c.require(c.kind("k", [0], pure=True), "loose", c.challenge("beta") - 1)


def column_twice(c: Circuit) -> None:
    c.advice("x")
    c.fixed("x")


def kind_twice(c: Circuit) -> None:
    c.kind("k", [0])
    c.single("k", 1)


def kind_past_the_sum(c: Circuit) -> None:
    c.kind("k", [16 - END_ROWS])


def kind_in_blinding_rows(c: Circuit) -> None:
    c.kind("k", range(16))


def single_past_the_sum(c: Circuit) -> None:
    c.single("k", 16 - END_ROWS)


def single_outside(c: Circuit) -> None:
    c.single("k", -1)


def kind_outside(c: Circuit) -> None:
    c.kind("k", [-1])


def row_of_two_products(c: Circuit) -> None:
    c.kind("a", [3])
    c.kind("b", [2, 3])


def closed_twice(c: Circuit) -> None:
    c.close()
    c.close()


def column_after_the_end(c: Circuit) -> None:
    c.close()
    c.advice("x")


def challenge_after_the_end(c: Circuit) -> None:
    c.close()
    c.challenge("beta")


def single_after_the_end(c: Circuit) -> None:
    c.close()
    c.single("k", 0)


def rule_after_the_end(c: Circuit) -> None:
    x = c.advice("x")
    c.close()
    c.require(None, "late", x, exact=False)


def term_after_the_end(c: Circuit) -> None:
    x = c.advice("x")
    c.close()
    c.accumulate("late", x)


def record_after_the_end(c: Circuit) -> None:
    x = c.advice("x")
    c.close()
    c.record(x)


def helper_after_the_end(c: Circuit) -> None:
    x = c.advice("x")
    c.close()
    c.helper("late", [(1, x)])


def register_in_a_denominator(c: Circuit) -> None:
    c.helper("h", [(1, c.register("x"))], registers=[cell(0)])


def register_in_a_numerator(c: Circuit) -> None:
    c.helper("h", [(c.register("x"), 1)])


def register_in_a_term(c: Circuit) -> None:
    c.accumulate("t", c.next(c.register("x")))


def helper_in_a_term(c: Circuit) -> None:
    c.helper("h", [(1, 1)])
    c.accumulate("t", cell(c.index("helper_h")))


def another_register_is_declared(c: Circuit) -> None:
    x, y = c.register("x"), c.register("y")
    c.accumulate("t", x * y, registers=[y])


WRONG: dict[Callable[[Circuit], None], str] = {
    degree_five: f"degree 5 with guard 0 is over {MAXIMUM_DEGREE}",
    degree_four_with_guard: "degree 5 with guard 3",
    label_twice: "label used twice",
    wrap: "values reach 2\\^255, over half the field",
    no_bound: "column x has no bound on k",
    challenge_has_no_bound: "beta has no bound",
    column_twice: "column x: declared twice",
    kind_twice: "kind k: declared twice",
    kind_past_the_sum: "kind k: a row lies in the last 6 rows",
    kind_in_blinding_rows: "kind k: a row lies in the last 6 rows",
    kind_outside: "outside the trace",
    single_past_the_sum: "kind k: a row lies in the last 6 rows",
    single_outside: "outside the trace",
    closed_twice: "running sum: the circuit wrong is closed",
    column_after_the_end: "column x: the circuit wrong is closed",
    challenge_after_the_end: "challenge beta: the circuit wrong is closed",
    single_after_the_end: "kind k: the circuit wrong is closed",
    rule_after_the_end: "constraint late: the circuit wrong is closed",
    term_after_the_end: "sum term late: the circuit wrong is closed",
    record_after_the_end: "record: the circuit wrong is closed",
    helper_after_the_end: "the circuit wrong is closed",
    register_in_a_denominator: "helper h: a denominator reads x, a stage-2 column",
    register_in_a_numerator: "helper h: a numerator reads x, a stage-2 column",
    register_in_a_term: "sum term t reads x, a stage-2 column",
    helper_in_a_term: "sum term t reads helper_h, a stage-2 column",
    another_register_is_declared: "sum term t reads x, a stage-2 column",
    row_of_two_products: "row 3: is of kind a and b",
}


@pytest.mark.parametrize("build", WRONG, ids=lambda build: build.__name__)
def test_circuit_errors(build: Callable[[Circuit], None]) -> None:
    with pytest.raises(CircuitError, match=WRONG[build]):
        build(Circuit("wrong", 16))


def test_highest_degree_and_widest_interval_are_allowed() -> None:
    c = Circuit("edge", 16)
    x, k = c.advice("x"), c.kind("k", [0], pure=True)
    c.bound(k, x, 0, R // 2)
    c.require(k, "half", x)
    c.require(k, "cube", x * x * x, exact=False)
    c.require(None, "fourth", x * x * x * x, guard=3, exact=False)
    c.bound(k, x, 0, R // 2 + 1)
    with pytest.raises(CircuitError, match="half the field"):
        c.require(k, "more than half", x)


@pytest.mark.parametrize("rotation", [-1, 2])
def test_only_this_row_and_the_next_are_read(rotation: int) -> None:
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        cell(0, rotation)


def test_only_registers_are_read_at_the_next_row() -> None:
    """
    A stage-1 column has three blinding rows; reading its next row would show more points than it
    has.
    """
    c = Circuit("rotation", 16)
    x, k = c.advice("x"), c.kind("k", [0], pure=True)
    with pytest.raises(CircuitError, match="next row"):
        c.require(k, "next", c.next(x) - x, exact=False)


def derive(shift: int, limit: int) -> Derive:
    """One scalar, some bits of the only word, with a limit."""

    def made(L: Loader, words: Sequence[Any], record: tuple[Any, Any] | None) -> dict[str, Any]:
        L.require_less(words[0], L.constant(limit), "too much")
        return {"low": L.bits(words[0], shift, 8) + 1}

    return made


def test_the_text_holds_the_reading_of_the_statement() -> None:
    """
    Two circuits whose verifiers read one statement in two ways have two texts, so two key digests.
    """

    def text(statement: tuple[str, ...], how: Derive | None) -> str:
        c = Circuit("reads", 16, statement=statement, derive=how)
        c.require(
            c.kind("k", [0], pure=True), "low", c.advice("x") - c.scalar("low", 1, 256), exact=False
        )
        c.close()
        return c.describe()

    readings = [
        text(("word", "other"), derive(0, 9)),
        text(("other", "word"), derive(0, 9)),
        text(("word", "other"), derive(8, 9)),
        text(("word", "other"), derive(0, 10)),
        text(("low", "other"), None),
    ]
    assert (
        len(set(readings)) == len(readings) and text(("word", "other"), derive(0, 9)) == readings[0]
    )
