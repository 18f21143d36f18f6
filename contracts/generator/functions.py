"""
The Yul around the generated statements: reading and checking a proof, the functions that the
statements call, and how a call ends.

No address and no count is written here; all come from the memory map and the key.
"""

from __future__ import annotations

from algebra.interface import P, PointG2, R
from algebra.keccak import keccak
from contracts.generator.graph import PointConstant
from contracts.generator.loops import row_functions
from contracts.generator.memory import WORD_BYTES, Memory
from verifier.key import GENERATOR_G2, VerifyingKey

RULES, SUM, VERDICT, KEYS = 0, 1, 2, 3
"""
What a call ends with: the rules of the statement, the sum of the proof's points, the last equation,
or the key's points alone.
"""
ERRORS = (
    ("BadLength", "", "The proof has not the one length that proofs of this circuit have."),
    (
        "BadStatement",
        "uint256 rule",
        "The statement breaks a rule of the list above.\n    /// @param rule Its number.",
    ),
    ("BadScalar", "", "A number of the proof is not below r."),
    (
        "BadPoint",
        "",
        "A point of the proof has a coordinate not below p, is not on the curve, or is infinity.",
    ),
    (
        "BadChallenge",
        "",
        "A challenge hit a pole; happens to no prover within the age of the universe.",
    ),
    ("PrecompileFailed", "", "A precompile is missing or failed, as it does when gas runs short."),
    ("NotAccepted", "", "The equation does not hold: the proof does not show the statement."),
)


def reading(memory: Memory) -> list[str]:
    """Statement and proof into memory; every number and every point is checked."""
    return [
        *check_points(),
        f"let r := {R:#x} // order of the scalar field",
        *copies(memory),
        *checks(memory),
    ]


def copies(memory: Memory) -> list[str]:
    """Every area is filled once, behind room for its header."""
    lines, offset = [], 0
    for area in memory.areas:
        for name, words in area.parts:
            size = WORD_BYTES * words
            if name == "statement":
                lines.append(f"calldatacopy({area.base:#x}, statement, {size})")
            elif words:
                at = memory.start(name)
                lines.append(
                    f"calldatacopy({at:#x}, add(proof.offset, {offset}), {size}) // {name}"
                )
                offset += size
    return lines


def checks(memory: Memory) -> list[str]:
    """Every number below r, every point on the curve and not infinity, before any algebra."""
    values = memory.area("values")
    below = [f"lt(mload({at:#x}), r)" for at in range(values.base, values.end, WORD_BYTES)]
    # The last argument is evaluated first, so that the stack stays flat.
    nested = (
        [*(f"    and({test}," for test in below[:-1]), f"    {below[-1]}{')' * (len(below) - 1)}"]
        if below
        else ["    1"]
    )
    lines = ["if iszero(", *nested, ") {", f"    {fail('BadScalar')}", "}"]
    for name, words in (part for area in memory.areas for part in area.parts):
        if name not in ("statement", "values") and words:
            at = memory.start(name)
            lines.append(f"check_points({at:#x}, {at + WORD_BYTES * words:#x}) // {name}")
    return lines


def check_points() -> list[str]:
    """The function that checks consecutive points."""
    return [
        "function check_points(at, end) {",
        f"    let p := {P:#x} // order of the base field",
        "    let good := 1",
        "    for { } lt(at, end) { at := add(at, 64) } {",
        "        let x := mload(at)",
        "        let y := mload(add(at, 32))",
        "        // y^2 = x^3 + 3; no point has y = 0, so infinity, written (0, 0), fails here too",
        "        let curve := eq(mulmod(y, y, p), addmod(mulmod(mulmod(x, x, p), x, p), 3, p))",
        "        good := and(good, and(curve, and(lt(x, p), lt(y, p))))",
        "    }",
        "    if iszero(good) {",
        f"        {fail('BadPoint')}",
        "    }",
        "}",
    ]


def selector(name: str) -> str:
    """First four bytes of an error's selector as a word."""
    arguments = next(arguments for error, arguments, _ in ERRORS if error == name)
    signature = f"{name}({arguments.split(' ')[0]})"
    return "0x" + bytes(keccak(signature.encode())[:4]).hex()


def fail(name: str) -> str:
    """Yul that reverts with an error without arguments."""
    return f"mstore(0, shl(224, {selector(name)})) revert(0, 4) // {name}"


def functions(key: VerifyingKey, memory: Memory) -> list[str]:
    """Yul functions of the block."""
    total, product, factor = (f"{at:#x}" for at in (memory.sum, memory.product, memory.factor))
    g2, tau = g2_words(GENERATOR_G2), g2_words(key.tau_g2)
    left, right, order = memory.sum + 64, memory.sum + 192, f"{R:#x}"
    inversion = [WORD_BYTES, WORD_BYTES, WORD_BYTES, "value", f"{R - 2:#x}", order]
    return [
        "function bad(rule) {",
        f"    mstore(0, shl(224, {selector('BadStatement')})) mstore(4, rule) revert(0, 36)",
        "}",
        "function nonzero(value) {",
        f"    if iszero(value) {{ mstore(0, shl(224, {selector('BadChallenge')})) revert(0, 4) }}",
        "}",
        "function require_success(success, size) {",
        "    // a precompile that is missing answers success with no data",
        "    if iszero(and(success, eq(returndatasize(), size))) {",
        f"        {fail('PrecompileFailed')}",
        "    }",
        "}",
        "function absorb(state, header, label, count) -> next {",
        "    mstore(header, state)",
        "    mstore(add(header, 32), label)",
        "    mstore(add(header, 64), count)",
        "    next := keccak256(header, add(96, mul(32, count)))",
        "}",
        "function squeeze(state, label) -> next {",
        f"    mstore({factor}, state)",
        f"    mstore({memory.factor + 32:#x}, label)",
        f"    next := keccak256({factor}, 64)",
        "}",
        "function inverse(value) -> result {",
        "    nonzero(value)",
        *(f"    mstore({memory.scratch + 32 * i:#x}, {word})" for i, word in enumerate(inversion)),
        f"    let success := staticcall(gas(), 0x05, {memory.scratch:#x}, 192, "
        f"{memory.scratch:#x}, 32) // modular power",
        "    require_success(success, 32)",
        f"    result := mload({memory.scratch:#x})",
        "}",
        *row_functions(key.plan, memory),
        f"// sum = sum + scalar * point, the point lying at {factor}",
        "function add_product(scalar) {",
        f"    mstore({memory.factor + 64:#x}, scalar)",
        f"    let success := staticcall(gas(), 0x07, {factor}, 96, {product}, 64) // "
        "multiplication",
        "    success := and(success, eq(returndatasize(), 64)) // a missing precompile answers "
        "success with no data",
        f"    if success {{ success := staticcall(gas(), 0x06, {total}, 128, {total}, 64) }} // "
        "addition",
        "    require_success(success, 64)",
        "}",
        "// e(sum, [1]_2) e(-point, [tau]_2) = 1",
        "function require_pairing(at) {",
        *(f"    mstore({left + 32 * i:#x}, {word:#x})" for i, word in enumerate(g2)),
        f"    mstore({right:#x}, mload(at))",
        f"    mstore({right + 32:#x}, sub({P:#x}, mload(add(at, 32))))",
        *(f"    mstore({right + 64 + 32 * i:#x}, {word:#x})" for i, word in enumerate(tau)),
        f"    let success := staticcall(gas(), 0x08, {total}, 384, {total}, 32) // pairing",
        "    require_success(success, 32)",
        f"    if iszero(eq(mload({total}), 1)) {{",
        f"        {fail('NotAccepted')}",
        "    }",
        "}",
    ]


def key_points(points: list[PointConstant], memory: Memory) -> list[str]:
    """The function that writes the points of the key into memory."""
    words = [word for point in points for word in (point.x, point.y)]
    return [
        "function key_points() {",
        *(f"    mstore({memory.points + 32 * i:#x}, {word:#x})" for i, word in enumerate(words)),
        "}",
    ]


def beginning(memory: Memory) -> list[str]:
    """Before all else: `keyPoints` asks for no more than those."""
    return [
        f"if eq(until, {KEYS}) {{",
        "    key_points()",
        f"    mstore({memory.points - 64:#x}, 32) mstore({memory.points - 32:#x}, {memory.keys})",
        f"    return({memory.points - 64:#x}, {64 + 64 * memory.keys})",
        "}",
    ]


def rules_end() -> list[str]:
    """After the last rule of the statement: `checkStatement` asks no more."""
    return [f"if eq(until, {RULES}) {{ return(0, 0) }}"]


def ending(key: VerifyingKey, memory: Memory, right: int) -> list[str]:
    """
    After the sum of the proof's points: `accumulator` returns it beside W', the point at `right`,
    [tau]_2 and the scalars of the key's points; `verify` adds those and asks for the equation.
    """
    at, tau = memory.answer, g2_words(key.tau_g2)
    return [
        f"if eq(until, {SUM}) {{",
        f"    mcopy({at:#x}, {memory.sum:#x}, 64)",
        f"    mcopy({at + 64:#x}, {right:#x}, 64)",
        *(f"    mstore({at + 128 + 32 * i:#x}, {word:#x})" for i, word in enumerate(tau)),
        f"    mstore({at + 256:#x}, 288) mstore({at + 288:#x}, {memory.keys})",
        f"    return({at:#x}, {320 + 32 * memory.keys})",
        "}",
        "key_points()",
        f"for {{ let i := 0 }} lt(i, {memory.keys}) {{ i := add(i, 1) }} {{",
        f"    mcopy({memory.factor:#x}, add({memory.points:#x}, mul(64, i)), 64)",
        f"    add_product(mload(add({memory.scalars:#x}, mul(32, i))))",
        "}",
        f"require_pairing({right:#x})",
        "return(0, 0)",
    ]


def g2_words(point: PointG2) -> list[int]:
    """A point as the pairing reads it, imaginary parts first."""
    return [part for coordinate in point for part in reversed(coordinate)]
