"""
Loops over the single rows: each is computed from the one before it, so that no row has code or
constants of its own (docs/decisions/0012).

Two words of memory a row: the product of all ratios before it, which its indicator replaces, and
its ratio xi omega^-row - 1. After the last row: the product of all ratios.
"""

from __future__ import annotations

from algebra.interface import R
from contracts.generator.memory import ROW_BYTES, WORD_BYTES, Memory
from verifier.plan import Plan

UNROLLED = 4
"""Rows of one turn of a loop. A turn costs 50 gas, a row 155."""


def run_call(at: int, rows: int, first: str) -> list[str]:
    """
    Statements that fill the words of consecutive rows.

    Parameters
    ----------
    at : address of the first row.
    first : expression of its xi omega^-row, below r. Where that is 0, so is xi, and the inversion
        refuses.
    """
    if rows == 1:
        ratio = f"{at + WORD_BYTES:#x}"
        return [
            f"mstore({ratio}, sub({first}, 1))",
            f"mstore({at + ROW_BYTES:#x}, mulmod(mload({at:#x}), mload({ratio}), r))",
        ]
    return [f"ratios({at:#x}, {at + ROW_BYTES * rows:#x}, {first})"]


def row_functions(plan: Plan, memory: Memory) -> list[str]:
    """The functions `ratios`, of a run of rows, and `indicators`, of all rows."""
    rows = len(plan.rows)
    if not rows:
        return []
    group, rest = ROW_BYTES * UNROLLED, ROW_BYTES * (rows % UNROLLED)
    return [
        "// consecutive rows: next is xi / omega^row, the ratio is next - 1",
        "function ratios(at, end, next) {",
        f"    let r := {R:#x}",
        f"    let step := {pow(plan.omega, -1, R):#x} // 1 / omega",
        "    let product := mload(at)",
        f"    for {{ }} lt(add(at, {group - 1}), end) {{ at := add(at, {group}) }} {{",
        *(f"        {line}" for i in range(UNROLLED) for line in _ratio(ROW_BYTES * i)),
        "    }",
        f"    for {{ }} lt(at, end) {{ at := add(at, {ROW_BYTES}) }} {{",
        *(f"        {line}" for line in _ratio(0)),
        "    }",
        "}",
        "// all rows, from the last: scale takes up the ratio of each row that is done",
        "function indicators(scale) {",
        f"    let r := {R:#x}",
        f"    let at := {memory.rows_end - rest:#x}",
        *(f"    {line}" for offset in _backwards(rest) for line in _indicator(offset)),
        f"    for {{ }} gt(at, {memory.rows:#x}) {{ }} {{",
        f"        at := sub(at, {group})",
        *(f"        {line}" for offset in _backwards(group) for line in _indicator(offset)),
        "    }",
        "}",
    ]


def _ratio(offset: int) -> list[str]:
    """The row at `at` + offset."""
    return [
        f"mstore(add(at, {offset + WORD_BYTES}), sub(next, 1))",
        "product := mulmod(product, sub(next, 1), r)",
        f"mstore(add(at, {offset + ROW_BYTES}), product)",
        "next := mulmod(next, step, r)",
    ]


def _backwards(size: int) -> range:
    """Offsets of the rows in so many bytes, from the last."""
    return range(size - ROW_BYTES, -1, -ROW_BYTES)


def _indicator(offset: int) -> list[str]:
    """The row at `at` + offset."""
    place = f"add(at, {offset})" if offset else "at"
    return [
        f"mstore({place}, mulmod(scale, mload({place}), r))",
        f"scale := mulmod(scale, mload(add(at, {offset + WORD_BYTES})), r)",
    ]
