"""
Verification in Python: parse, run the steps, raise or return (docs/explanation/protocol.md 6).
"""

from __future__ import annotations

from collections.abc import Sequence

from algebra.errors import Malformed
from algebra.interface import Algebra
from verifier.algorithm import verify_steps
from verifier.key import VerifyingKey
from verifier.loader import IntegerLoader
from verifier.proof import Proof, parse_proof


def verify(key: VerifyingKey, statement: Sequence[int], proof: bytes, *, algebra: Algebra) -> None:
    """
    Check one proof of one statement.

    Parameters
    ----------
    key : of the circuit, size and setup that the caller trusts.
    statement : the public words in the circuit's order, as the caller computed them; never taken
        from a prover.
    proof : untrusted bytes.
    algebra : `native()` for speed, `reference()` for a verifier that shares no code with the native
        one.

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
    loader = IntegerLoader(key, *read(key, statement, proof), algebra)
    verify_steps(loader, key.circuit, key.slots, plan=key.plan, interpret=loader.interpret)


def read(key: VerifyingKey, statement: Sequence[int], proof: bytes) -> tuple[list[int], Proof]:
    """
    Words and proof in the form that the steps take; Malformed if either is not what it claims to
    be.
    """
    words = list(statement)
    if len(words) != len(key.circuit.statement):
        raise Malformed(
            "malformed.statement",
            f"statement: {len(words)} words, expected {len(key.circuit.statement)}",
        )
    if any(not isinstance(word, int) or not 0 <= word < 1 << 256 for word in words):
        raise Malformed(
            "malformed.statement", "statement: a word is not an unsigned 256-bit number"
        )
    if not isinstance(proof, bytes | bytearray | memoryview):
        raise Malformed("malformed.proof", "proof: not bytes", part="proof")
    return words, parse_proof(bytes(proof), key.shape)
