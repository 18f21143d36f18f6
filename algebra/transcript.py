"""
The Fiat-Shamir transcript (docs/explanation/protocol.md 5.0): Keccak-256, chained, every item
labelled and length-prefixed.

Both sides walk the one list `LABELS`; an item out of order raises. The generated contract prints
the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from algebra.interface import R
from algebra.keccak import keccak

PROTOCOL = b"tierproof/v1"

ABSORB, SQUEEZE = "absorb", "squeeze"


def label_list(challenges: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """
    Every step of the transcript in order; `challenges` are those that the circuit draws after stage
    1.
    """
    return (
        (ABSORB, "statement"),
        (ABSORB, "stage1"),
        *((SQUEEZE, name) for name in challenges),
        (ABSORB, "stage2"),
        (SQUEEZE, "alpha"),
        (ABSORB, "quotient"),
        (SQUEEZE, "xi"),
        (ABSORB, "values"),
        (SQUEEZE, "v"),
        (ABSORB, "opening"),
        (SQUEEZE, "y"),
    )


def pad_label(label: str) -> bytes:
    """
    A label as one word, right-padded with zeros; at most 31 bytes so that no two labels collide.
    """
    raw = label.encode("ascii")
    if len(raw) > 31:
        raise ValueError(f"transcript label {label!r}: over 31 bytes")
    return raw.ljust(32, b"\0")


class Transcript:
    """
    State of one run.

    Parameters
    ----------
    key_digest : 32 bytes, digest of the verifying key, which binds circuit, size, setup and fixed
        columns.
    challenges : names of the circuit's own challenges.
    hasher : Keccak-256; an algebra's own is quicker than the default.
    """

    def __init__(
        self,
        key_digest: bytes,
        challenges: Sequence[str],
        hasher: Callable[[bytes], bytes] = keccak,
    ) -> None:
        self._hash = hasher
        self._state = hasher(PROTOCOL.ljust(32, b"\0") + key_digest)
        self._steps = list(label_list(challenges))

    def _step(self, kind: str, label: str) -> None:
        if not self._steps or self._steps[0] != (kind, label):
            expected = self._steps[0] if self._steps else "the end"
            raise ValueError(f"transcript: {kind} {label} out of order, expected {expected}")
        self._steps.pop(0)

    def absorb(self, label: str, words: Sequence[int]) -> None:
        """state = keccak(state, label, number of words, words), each word 32 bytes big endian."""
        self._step(ABSORB, label)
        body = b"".join(word.to_bytes(32, "big") for word in words)
        self._state = self._hash(
            self._state + pad_label(label) + len(words).to_bytes(32, "big") + body
        )

    def challenge(self, label: str) -> int:
        """
        state = keccak(state, label); the challenge is the state mod R (bias below 2^-2 in any
        value's odds).
        """
        self._step(SQUEEZE, label)
        self._state = self._hash(self._state + pad_label(label))
        return int.from_bytes(self._state, "big") % R
