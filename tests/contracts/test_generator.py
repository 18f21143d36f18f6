"""
The generator's parts without a compiler: bounds that hold for every word, slots and variables that
never clash.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algebra.interface import R
from contracts.generator import expressions as ex
from contracts.generator.memory import SlotAllocator
from contracts.generator.recorder import Graph
from contracts.generator.registers import Life, assign

WORD = 1 << 256
EVM: dict[str, Callable[..., int]] = {
    "add": lambda a, b: (a + b) % WORD,
    "sub": lambda a, b: (a - b) % WORD,
    "mul": lambda a, b: a * b % WORD,
    "addmod": lambda a, b, n: (a + b) % n,
    "mulmod": lambda a, b, n: a * b % n,
    "mod": lambda a, n: a % n,
    "shr": lambda n, a: a >> n,
    "and_": lambda a, b: a & b,
}
"""What the EVM makes of words, each below 2^256."""

edges = st.sampled_from([0, 1, 2, R - 2, R - 1, R // 2, (1 << 96) - 1, 1 << 128, 4095])
residues = edges | st.integers(0, R - 1)


def evaluate(code: str, memory: dict[int, int]) -> int:
    """Run a Yul expression as the EVM does."""
    code = re.sub(r"\band\(", "and_(", code)
    return int(eval(code, {"__builtins__": {}}, {**EVM, "r": R, "mload": memory.__getitem__}))


class Both:
    """A number mod r and the expression for it."""

    def __init__(self, text: ex.Text, number: int) -> None:
        self.text, self.number = text, number


@st.composite
def expressions(draw: st.DrawFn) -> tuple[Both, dict[int, int]]:
    """An expression of up to twelve operations over words at the edges of their bounds."""
    memory: dict[int, int] = {}
    pool: list[Both] = []
    for i in range(4):
        value = draw(residues)
        memory[32 * i] = value
        pool.append(Both(ex.load(32 * i, R - 1), value))
    word, shift, width = (
        draw(st.integers(0, WORD - 1)),
        draw(st.integers(0, 200)),
        draw(st.integers(1, 96)),
    )
    memory[1024] = word
    pool.append(Both(ex.bits("mload(1024)", shift, width), (word >> shift) & ((1 << width) - 1)))
    known = draw(residues)
    pool.append(Both(ex.constant(known), known))
    for _ in range(draw(st.integers(1, 12))):
        a, b = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        rule, number = draw(
            st.sampled_from(
                [
                    (ex.add, a.number + b.number),
                    (ex.subtract, a.number - b.number),
                    (ex.multiply, a.number * b.number),
                ]
            )
        )
        pool.append(Both(rule(a.text, b.text), number % R))
    return pool[-1], memory


@given(expressions())
def test_an_expression_is_right_and_within_its_bound(case: tuple[Both, dict[int, int]]) -> None:
    made, memory = case
    value = evaluate(made.text.code, memory)
    assert value % R == made.number
    assert value <= made.text.bound < WORD
    assert evaluate(ex.canonical(made.text).code, memory) == made.number


def test_sums_are_reduced_before_they_overflow() -> None:
    total = largest = ex.load(0, R - 1)
    for _ in range(4):
        total = ex.add(total, largest)
    assert "addmod" not in total.code and total.bound == 5 * (R - 1)
    assert ex.add(total, largest).code.startswith("addmod(")
    assert evaluate(total.code, {0: R - 1}) == 5 * (R - 1)
    assert ex.multiply(ex.bits("mload(0)", 0, 96), ex.bits("mload(0)", 96, 96)).code.startswith(
        "mul("
    )
    assert ex.multiply(largest, ex.bits("mload(0)", 0, 8)).code.startswith("mulmod(")


def test_equal_nodes_are_one_and_constants_fold() -> None:
    graph = Graph()
    x, y = graph.node("challenge", payload="x"), graph.node("challenge", payload="y")
    assert x * y is y * x and x + y is y + x
    assert x - y is not y - x
    assert x * 1 is x and x + 0 is x and x - 0 is x and (x - x).number == 0 and (x * 0).number == 0
    assert (graph.constant(R - 1) + 3).number == 2 and (graph.constant(5) - 7).number == R - 2


def test_slots_come_back() -> None:
    slots = SlotAllocator()
    assert [slots.take() for _ in range(3)] == [0, 1, 2]
    slots.give_back(1)
    slots.give_back(0)
    assert [slots.take(), slots.take(), slots.take()] == [0, 1, 3]
    assert slots.used == 4


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 9), st.booleans()),
        max_size=40,
    )
)
def test_no_two_lives_share_a_variable(drawn: list[tuple[int, int, int, bool]]) -> None:
    lives = [
        Life(start, start + length, reads, is_input) for start, length, reads, is_input in drawn
    ]
    chosen = assign(lives, 3)
    for i, register in chosen.items():
        assert 0 <= register < 3 and lives[i].gain > 0
        for j, other in chosen.items():
            if i < j and register == other:
                assert lives[i].end <= lives[j].start or lives[j].end <= lives[i].start


def test_the_deeper_operand_is_evaluated_first() -> None:
    """
    A long chain of a b + c nests without growing on the stack by more than one word a product.
    """
    text, leaf = ex.load(0, R - 1), ex.load(32, R - 1)
    for steps in range(1, 8):
        text = ex.add(leaf, ex.multiply(leaf, text))
        assert text.depth <= steps + 2


@pytest.mark.parametrize("value", [0, 999, 1000, R - 1, R - 3, R // 2])
def test_constants(value: int) -> None:
    assert evaluate(ex.constant(value).code, {}) == value
