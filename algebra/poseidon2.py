"""
Poseidon2 over the scalar field of BN254: parameters from their generator, permutation, sponge
(docs/explanation/protocol.md 2.3).

Source: eprint 2023/323 and the generator script of HorizenLabs/poseidon2 (Grain LFSR, S-box x^5).
Nothing is copied from a table: the constants below come out of the same shift register, and the
published answers are in the tests.

Correctness: every hash carries a tag and its length in the capacity element, so that no leaf can be
read as a node, an owner tag or a nullifier, and no message as the zero-padded start of a longer
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from algebra.interface import R

TAG_LEAF = 1
TAG_NODE = 2
TAG_OWNER = 3
TAG_NULLIFIER = 4
TAG_FEED = 5

FULL_ROUNDS = 8
FIELD_BITS = 254
CAPACITY_SHIFT = 1 << 32
"""The capacity element is tag * 2^32 + number of words."""

State = tuple[int, int, int]

PARTIAL_ROUNDS = {2: 56, 3: 56, 4: 56, 8: 57, 12: 57, 16: 57}
DIAGONAL_DRAW = {4: 4, 8: 30, 12: 6, 16: 6}
"""
Which draw (from 0) of the internal diagonal the generator keeps: the first whose matrix M = 1 +
diag has M^i with an irreducible characteristic polynomial for i = 1..2t (no invariant subspace
trails). Widths 2 and 3 have a fixed one.
"""
_M4 = ((5, 7, 1, 3), (4, 6, 1, 1), (1, 3, 5, 7), (1, 1, 4, 6))


def grain_integers(width: int, partial_rounds: int) -> Iterator[int]:
    """
    Integers of 254 bits, not reduced, from the self-shrinking Grain generator of the Poseidon
    papers (prime field, S-box x^alpha).

    The 80-bit register starts as: field 1 (2 bits), S-box 0 (4), field bits (12), width (12), full
    rounds (10), partial rounds (10), thirty ones. 160 bits are thrown away, then of each pair the
    second is kept if the first is 1.
    """
    register = 0
    for value, bits in (
        (1, 2),
        (0, 4),
        (FIELD_BITS, 12),
        (width, 12),
        (FULL_ROUNDS, 10),
        (partial_rounds, 10),
    ):
        register = register << bits | value
    register = register << 30 | ((1 << 30) - 1)
    # Bit i of the published description is the i-th from the left, here bit 79 - i. The youngest
    # tap is 18 steps old, so that sixteen steps are taken at once.
    mask = (1 << 80) - 1
    kept = [_kept(byte) for byte in range(256)]
    thrown_away = 160
    digits = ""
    while True:
        taps = (
            (register >> 2)
            ^ (register >> 13)
            ^ (register >> 26)
            ^ (register >> 41)
            ^ (register >> 51)
            ^ (register >> 64)
        )
        bits = taps & 0xFFFF
        register = (register << 16 | bits) & mask
        if thrown_away:
            thrown_away -= 16
            continue
        digits += kept[bits >> 8] + kept[bits & 0xFF]
        if len(digits) >= FIELD_BITS:
            yield int(digits[:FIELD_BITS], 2)
            digits = digits[FIELD_BITS:]


def _kept(byte: int) -> str:
    """What self-shrinking keeps of the four pairs of a byte."""
    digits = f"{byte:08b}"
    return "".join(digits[i + 1] for i in range(0, 8, 2) if digits[i] == "1")


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    One instance of the permutation.

    Attributes
    ----------
    width : t, number of state words
    full_constants : 8 rows of t; the first 4 open the permutation, the last 4 close it
    partial_constants : one word a partial round, added to state[0]
    internal_diagonal : d with M_internal = (all ones) + diag(d), the "diagonal minus one" of the
        published files
    """

    width: int
    full_constants: tuple[tuple[int, ...], ...]
    partial_constants: tuple[int, ...]
    internal_diagonal: tuple[int, ...]


@cache
def parameters(width: int) -> Parameters:
    """
    Generate the constants of one width.

    Raises
    ------
    ValueError
        If `width` is not one of 2, 3, 4, 8, 12, 16.
    """
    if width not in PARTIAL_ROUNDS:
        raise ValueError(f"Poseidon2 width: {width} is not one of {sorted(PARTIAL_ROUNDS)}")
    partial_rounds = PARTIAL_ROUNDS[width]
    integers = grain_integers(width, partial_rounds)

    def element() -> int:
        return next(value for value in integers if value < R)

    half = FULL_ROUNDS // 2
    first = [tuple(element() for _ in range(width)) for _ in range(half)]
    partial = tuple(element() for _ in range(partial_rounds))
    last = [tuple(element() for _ in range(width)) for _ in range(half)]
    if width in DIAGONAL_DRAW:
        draw: list[int] = []
        for _ in range(DIAGONAL_DRAW[width] + 1):
            # The script reduces here instead of drawing again; so do we, to get the same matrix.
            draw = [next(integers) % R for _ in range(width)]
        diagonal = tuple((entry - 1) % R for entry in draw)
    else:
        diagonal = (1,) * (width - 1) + (2,)
    return Parameters(width, tuple(first + last), partial, diagonal)


def _external(state: Sequence[int]) -> list[int]:
    """
    Multiply by M_external: circulant (2, 1[, 1]) for t <= 3, else blocks of M4, doubled on the
    diagonal.
    """
    width = len(state)
    if width <= 3:
        total = sum(state)
        return [(total + word) % R for word in state]
    blocks = [
        [
            sum(c * word for c, word in zip(row, state[start : start + 4], strict=True))
            for row in _M4
        ]
        for start in range(0, width, 4)
    ]
    if width == 4:
        return [word % R for word in blocks[0]]
    sums = [sum(block[i] for block in blocks) for i in range(4)]
    return [(sums[i] + block[i]) % R for block in blocks for i in range(4)]


def permutation(state: Sequence[int]) -> tuple[int, ...]:
    """
    The permutation of any supported width, written as in the paper.

    Parameters
    ----------
    state : t words in [0, R), t in {2, 3, 4, 8, 12, 16}

    Returns
    -------
    t words in [0, R)
    """
    instance = parameters(len(state))
    half = FULL_ROUNDS // 2
    words = _external(state)
    for constants in instance.full_constants[:half]:
        words = _external([pow(w + c, 5, R) for w, c in zip(words, constants, strict=True)])
    for constant in instance.partial_constants:
        words[0] = pow(words[0] + constant, 5, R)
        total = sum(words)
        words = [
            (total + d * w) % R for d, w in zip(instance.internal_diagonal, words, strict=True)
        ]
    for constants in instance.full_constants[half:]:
        words = _external([pow(w + c, 5, R) for w, c in zip(words, constants, strict=True)])
    return tuple(words)


FULL_ROUND_CONSTANTS: tuple[tuple[int, ...], ...] = parameters(3).full_constants
"""t = 3: 8 rows of 3, first 4 initial, last 4 final."""
PARTIAL_ROUND_CONSTANTS: tuple[int, ...] = parameters(3).partial_constants
"""t = 3: 56 words, added to state[0]."""
ROUND_CONSTANTS: tuple[tuple[int, ...], ...] = (
    *FULL_ROUND_CONSTANTS[: FULL_ROUNDS // 2],
    *((constant, 0, 0) for constant in PARTIAL_ROUND_CONSTANTS),
    *FULL_ROUND_CONSTANTS[FULL_ROUNDS // 2 :],
)
"""t = 3: all 64 rounds in order, three words a round."""


def permute(state: Sequence[int]) -> State:
    """
    The t = 3 permutation, the same as `permutation`, unrolled because the attestor hashes trees
    with it.

    Parameters
    ----------
    state : three words in [0, R)

    Returns
    -------
    three words in [0, R)

    Raises
    ------
    ValueError
        If there are not three words. Words out of range are reduced.
    """
    if len(state) != 3:
        raise ValueError(f"Poseidon2 state: 3 words wanted, {len(state)} given")
    a, b, c = state
    total = a + b + c
    a, b, c = (total + a) % R, (total + b) % R, (total + c) % R
    half = FULL_ROUNDS // 2
    for ka, kb, kc in FULL_ROUND_CONSTANTS[:half]:
        a, b, c = _full_round(a + ka, b + kb, c + kc)
    for constant in PARTIAL_ROUND_CONSTANTS:
        a += constant
        square = a * a % R
        a = square * square % R * a % R
        total = a + b + c
        a, b, c = total + a, (total + b) % R, (total + 2 * c) % R
    for ka, kb, kc in FULL_ROUND_CONSTANTS[half:]:
        a, b, c = _full_round(a + ka, b + kb, c + kc)
    return a, b, c


def _full_round(a: int, b: int, c: int) -> State:
    """S-box on every word, then the circulant (2, 1, 1)."""
    square = a * a % R
    a = square * square % R * a
    square = b * b % R
    b = square * square % R * b
    square = c * c % R
    c = square * square % R * c
    total = a + b + c
    return (total + a) % R, (total + b) % R, (total + c) % R


def hash_words(tag: int, words: Sequence[int]) -> int:
    """
    Sponge of rate 2 with tag and length in the capacity: H(tag, words).

    state = (0, 0, tag * 2^32 + len(words)); each pair (a, b) of the words, zero-padded to an even
    number, is added to the rate before a permutation; the result is state[0].

    Parameters
    ----------
    tag : in [0, 2^32), one of TAG_LEAF, TAG_NODE, TAG_OWNER, TAG_NULLIFIER,
        TAG_FEED
    words : 1 .. 2^32 - 1 field elements in [0, R); may be secret, the time taken depends on them

    Raises
    ------
    ValueError
        Naming the first word out of range (never its value), no words, or a tag out of range.
    """
    if not 0 <= tag < CAPACITY_SHIFT:
        raise ValueError(f"hash tag: {tag} is not in [0, 2^32)")
    if not 0 < len(words) < CAPACITY_SHIFT:
        raise ValueError(f"hash input: {len(words)} words, 1 to 2^32 - 1 wanted")
    for index, word in enumerate(words):
        if not 0 <= word < R:
            raise ValueError(f"hash input: word {index} is not in [0, r)")
    padded = [*words, 0] if len(words) % 2 else words
    a, b, c = 0, 0, tag * CAPACITY_SHIFT + len(words)
    for index in range(0, len(padded), 2):
        a, b, c = permute((a + padded[index], b + padded[index + 1], c))
    return a
