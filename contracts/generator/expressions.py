"""
From nodes to Yul expressions, with as few reductions as possible.

Every expression carries an upper bound of what it can be as an integer. While a sum stays below
2^256 it is a plain `add`; a product of small numbers is a plain `mul`; only where the bound would
overflow does `addmod` or `mulmod` reduce. Bounds are exact integers, so that no word ever wraps.
`canonical` reduces where the number itself counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from algebra.interface import R
from contracts.generator.graph import (
    ADDITION,
    BITS,
    CONSTANT,
    PRODUCT,
    SUBTRACTION,
    WORD,
    BitField,
    Node,
    Place,
)

WORD_LIMIT = 1 << 256
ORDER = "r"
"""Name of the variable that holds the order of the field."""


@dataclass(frozen=True, slots=True)
class Text:
    """
    A Yul expression.

    code : the text. bound : it is at most this. depth : stack words that its evaluation needs,
        result included.
    """

    code: str
    bound: int
    depth: int


def literal(value: int) -> str:
    """Decimal where short, else hexadecimal."""
    return str(value) if value < 1000 else hex(value)


def constant(value: int) -> Text:
    """A number below r; one just below r is written as r less a small number, which is shorter."""
    if R - value < 1 << 128 < value:
        return Text(f"sub({ORDER}, {literal(R - value)})", value, 2)
    return Text(literal(value), value, 1)


def load(address: int, bound: int) -> Text:
    """The word at an address of memory, which is at most `bound`."""
    return Text(f"mload({address:#x})", bound, 1)


def bits(word: str, shift: int, width: int) -> Text:
    """(word >> shift) mod 2^width."""
    code, depth = word, 1
    if shift:
        code, depth = f"shr({shift}, {code})", 2
    if shift + width < 256:
        code, depth = f"and({code}, {(1 << width) - 1:#x})", 2
    return Text(code, (1 << min(width, 256 - shift)) - 1, depth)


def _call(name: str, a: Text, b: Text, bound: int, *, modulus: bool = False) -> Text:
    """
    A commutative operation. Arguments are evaluated from the right, so the deeper one goes to the
    right.

    The modulus lies below both on the stack.
    """
    if a.depth > b.depth:
        a, b = b, a
    depth = max(b.depth, a.depth + 1, 2) + modulus
    return Text(f"{name}({a.code}, {b.code}{', ' + ORDER if modulus else ''})", bound, depth)


def add(a: Text, b: Text) -> Text:
    """a + b, reduced only if the sum could overflow a word."""
    if a.bound + b.bound < WORD_LIMIT:
        return _call("add", a, b, a.bound + b.bound)
    return _call("addmod", a, b, R - 1, modulus=True)


def negate(a: Text) -> Text:
    """r - a, at most r."""
    if a.bound > R:
        a = canonical(a)
    return Text(f"sub({ORDER}, {a.code})", R, max(a.depth, 2))


def subtract(a: Text, b: Text) -> Text:
    """a - b as a + (r - b), reduced only if the sum could overflow a word."""
    return add(a, negate(b))


def multiply(a: Text, b: Text) -> Text:
    """a b, reduced only if the product could overflow a word."""
    if a.bound * b.bound < WORD_LIMIT:
        return _call("mul", a, b, a.bound * b.bound)
    return _call("mulmod", a, b, R - 1, modulus=True)


def canonical(a: Text) -> Text:
    """The same, below r."""
    if a.bound < R:
        return a
    return Text(f"mod({a.code}, {ORDER})", R - 1, a.depth + 1)


def build(node: Node, operand: Callable[[Node], Text], address: Callable[[Place], int]) -> Text:
    """The expression of a node over the texts of its operands."""
    if node.kind == CONSTANT:
        return constant(int(node.payload))  # type: ignore[call-overload]
    if node.kind == WORD:
        return load(address(node.payload), R - 1)  # type: ignore[arg-type]
    if node.kind == BITS:
        field: BitField = node.payload  # type: ignore[assignment]
        return bits(f"mload({address(field.word):#x})", field.shift, field.width)
    left, right = node.operands
    if node.kind == SUBTRACTION and left.number == 0:
        return negate(operand(right))
    if node.kind == SUBTRACTION and right.number is not None:
        return add(operand(left), constant(R - right.number))
    rule = {ADDITION: add, SUBTRACTION: subtract, PRODUCT: multiply}[node.kind]
    return rule(operand(left), operand(right))
