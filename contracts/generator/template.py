"""
The fixed text around the generated statements: header, errors, checks of the input, precompiles.

No address and no count is written here; all come from the memory map and the key.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from algebra.interface import P, R
from algebra.transcript import PROTOCOL, label_list
from contracts.generator.actions import Recording
from contracts.generator.loops import row_functions
from contracts.generator.memory import WORD_BYTES, Memory
from verifier.ceremonies import DEVELOPMENT, UNKNOWN
from verifier.key import GENERATOR_G2, VerifyingKey
from verifier.proof import ProofShape

PRAGMA = "0.8.37"
WARNINGS = {
    DEVELOPMENT: " INSECURE: its secret is public, so anybody can forge proofs for it.",
    UNKNOWN: " INSECURE unless you know who made it.",
}
"""By the status of the key's setup; a known ceremony needs none."""
INTERFACE, INTERFACE_WORDS = "ITierproofVerifier", 11
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


def tool_version() -> str:
    """Version for the header; `unknown` in a source tree without an installation."""
    try:
        return version("tierproof")
    except PackageNotFoundError:  # a source tree without an installation
        return "unknown"


def contract(
    key: VerifyingKey,
    name: str,
    shape: ProofShape,
    memory: Memory,
    recording: Recording,
    body: list[str],
    registers: int,
) -> str:
    """The whole file."""
    words = len(key.circuit.statement)
    if words == 0:
        raise ValueError(f"generator: circuit {key.circuit.name} has no public words")
    inherits = words == INTERFACE_WORDS
    lines = [
        "// SPDX-License-Identifier: MIT",
        *header(key, shape, memory, recording),
        f"pragma solidity {PRAGMA};",
        "",
    ]
    if inherits:
        lines += [f'import {{{INTERFACE}}} from "../registry/{INTERFACE}.sol";', ""]
    lines += [f"/// @title Verifier of {key.circuit.name}, class {key.size}"]
    lines += [f"/// @notice Setup: {key.setup_status}.{WARNINGS.get(key.setup_status, '')}"]
    lines += [f"contract {name}{f' is {INTERFACE}' if inherits else ''} {{"]
    for error, arguments, text in ERRORS:
        lines += [f"    /// @notice {text}", f"    error {error}({arguments});", ""]
    lines += [
        *documented(
            inherits,
            "@notice Checks a proof of a statement; returns nothing if it accepts or reverts.",
            "@param statement The public words, in the order of the list above.",
            "@param proof The proof bytes, exactly as the prover wrote them.",
        ),
        f"    function verify(uint256[{words}] calldata statement, bytes calldata proof) "
        f"external view {{",
        f"        if (proof.length != {shape.length}) revert BadLength();",
        "        // Uses all memory as the map says and ends the call itself.",
        "        assembly {",
        *(f"            {line}".rstrip() for line in assembly(key, memory, body, registers)),
        "        }",
        "    }",
        "",
        *documented(
            inherits,
            "@notice Digest of the verifying key this code was generated from.",
            "@return 32 bytes.",
        ),
        *getter("keyDigest", "bytes32", f"0x{key.digest.hex()}"),
        "",
        *documented(
            inherits,
            "@notice The 200-bit identifier of the powers of tau behind the key.",
            "@return Below 2^200.",
        ),
        *getter("srsId", "uint256", f"{key.srs_id:#x}"),
        "}",
        "",
    ]
    return "\n".join(lines)


def documented(inherits: bool, *lines: str) -> list[str]:
    """NatSpec of a function: the interface's, where there is one."""
    if inherits:
        return [f"    /// @inheritdoc {INTERFACE}"]
    return [f"    /// {line}" for line in lines]


def getter(name: str, kind: str, value: str) -> list[str]:
    """Lines of an external function that answers with one constant."""
    return [
        f"    function {name}() external pure returns ({kind}) {{",
        f"        return {value};",
        "    }",
    ]


def header(key: VerifyingKey, shape: ProofShape, memory: Memory, recording: Recording) -> list[str]:
    """The comment at the top: origin, transcript, rules, memory."""
    lines = [
        f"GENERATED by contracts/generator of tierproof {tool_version()}. DO NOT EDIT.",
        "",
        f"circuit: {key.circuit.name}, {key.size} rows, {key.slots} columns to a commitment",
        f"circuit digest: 0x{key.circuit_digest.hex()}",
        f"key digest: 0x{key.digest.hex()}",
        f"proof: {shape.length} bytes",
        "",
        "transcript:",
        *(f"  {kind} {label}" for kind, label in label_list(key.circuit.challenges)),
        "",
        "rules of the statement, by the number in BadStatement:",
        *(f"  {number}: {text}" for number, text in enumerate(recording.rules)),
        "",
        "memory:",
        *(f"  {line}" for line in memory.describe()),
    ]
    return [f"// {line}".rstrip() for line in lines]


def register_name(register: int) -> str:
    """A stack variable for values."""
    return f"v{register}"


def assembly(key: VerifyingKey, memory: Memory, body: list[str], registers: int) -> list[str]:
    """All statements of the assembly block."""
    variables = ", ".join(register_name(i) for i in range(registers))
    return [
        *functions(key, memory),
        "",
        "let state // of the transcript",
        f"let r := {R:#x} // order of the scalar field",
        "",
        "// the input",
        *copies(memory),
        *checks(memory),
        "",
        "// docs/explanation/protocol.md 5",
        f'mstore({memory.factor:#x}, "{PROTOCOL.decode()}")',
        f"mstore({memory.factor + 32:#x}, 0x{key.digest.hex()})",
        f"state := keccak256({memory.factor:#x}, 64)",
        *([f"let {variables}"] if registers else []),
        *body,
        "return(0, 0)",
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


def selector(name: str) -> str:
    """First four bytes of an error's selector as a word."""
    from algebra.keccak import keccak

    arguments = next(arguments for error, arguments, _ in ERRORS if error == name)
    signature = f"{name}({arguments.split(' ')[0]})"
    return "0x" + bytes(keccak(signature.encode())[:4]).hex()


def fail(name: str) -> str:
    """Yul that reverts with an error without arguments."""
    return f"mstore(0, shl(224, {selector(name)})) revert(0, 4) // {name}"


def functions(key: VerifyingKey, memory: Memory) -> list[str]:
    """Yul functions of the block."""
    total, product, factor = (f"{at:#x}" for at in (memory.sum, memory.product, memory.factor))
    g2 = [GENERATOR_G2[0][1], GENERATOR_G2[0][0], GENERATOR_G2[1][1], GENERATOR_G2[1][0]]
    tau = [key.tau_g2[0][1], key.tau_g2[0][0], key.tau_g2[1][1], key.tau_g2[1][0]]
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
        "function add_constant(x, y, scalar) {",
        f"    mstore({factor}, x)",
        f"    mstore({memory.factor + 32:#x}, y)",
        "    add_product(scalar)",
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
