"""Verification in Python: parse, run the steps, raise or return (docs/protocol.md 6)."""

from __future__ import annotations

from collections.abc import Sequence

from algebra.errors import Malformed
from algebra.interface import Algebra
from verifier.algorithm import verify_steps
from verifier.key import VerifyingKey
from verifier.loader import IntegerLoader
from verifier.proof import ProofShape, parse_proof


def verify(key: VerifyingKey, statement: Sequence[int], proof: bytes, *, algebra: Algebra) -> None:
    """
    Check one proof of one statement.

    Parameters
    ----------
    key : of the circuit, size and setup that the caller trusts.
    statement : the public words in the circuit's order, as the caller computed them; never taken from a prover.
    proof : untrusted bytes.
    algebra : `native()` for speed, `reference()` for a verifier that shares no code with the native one.

    Returns
    -------
    None if the proof is accepted.

    Raises
    ------
    Malformed
        The statement or the proof is not what it claims to be.
    Rejected
        Both are well formed and the proof does not show the statement.
    """
    if len(statement) != len(key.circuit.statement):
        raise Malformed(
            "malformed.statement", f"statement: {len(statement)} words, expected {len(key.circuit.statement)}"
        )
    if any(not 0 <= word < 1 << 256 for word in statement):
        raise Malformed("malformed.statement", "statement: a word is not an unsigned 256-bit number")
    parsed = parse_proof(bytes(proof), ProofShape.of(key.circuit, key.slots))
    verify_steps(IntegerLoader(key, statement, parsed, algebra), key.circuit, key.slots)
