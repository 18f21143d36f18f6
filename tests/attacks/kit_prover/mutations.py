"""
Changed proofs without end: every field in every way of `support.proof_fields`, then random ones
from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.proof_fields import Field, fields_of, packed, spoiled, words

from algebra.interface import P, R
from algebra.native_backend import native
from verifier.proof import ProofShape


@dataclass(frozen=True)
class Mutation:
    """
    single : one fault at most, so that all verifiers name the same error; with more they may meet
        another first.
    """

    name: str
    statement: tuple[int, ...]
    proof: bytes
    single: bool = True


def structured(statement: tuple[int, ...], proof: bytes, shape: ProofShape) -> Iterator[Mutation]:
    """Each field and each public word by itself."""
    fields = fields_of(shape)
    for i, field in enumerate(fields):
        for name, (changed, _) in spoiled(field, proof, fields[(i + 1) % len(fields)]).items():
            yield Mutation(f"{field.name}: {name}", statement, changed)
    for i, word in enumerate(statement):
        for value in sorted(
            {word ^ 1, word + 1, 0, word + R, R, P, word ^ 1 << 255, (1 << 256) - 1} - {word}
        ):
            if value < 1 << 256:
                yield Mutation(
                    f"word {i}: {value:#x}", (*statement[:i], value, *statement[i + 1 :]), proof
                )


def randomised(
    statement: tuple[int, ...], proofs: Sequence[bytes], shape: ProofShape, source: random.Random
) -> Iterator[Mutation]:
    """
    Of proofs of one statement: bits, numbers, points, places, lengths and mixtures. Never an
    unchanged one.
    """
    fields = fields_of(shape)
    points, scalars = [f for f in fields if f.point], [f for f in fields if not f.point]

    def bits(proof: bytes) -> Mutation:
        at = source.randrange(8 * len(proof))
        changed = bytearray(proof)
        changed[at // 8] ^= 1 << at % 8
        return Mutation("a bit", statement, bytes(changed))

    def many_bits(proof: bytes) -> Mutation:
        changed = bytearray(proof)
        for at in source.sample(range(8 * len(proof)), source.randint(2, 9)):
            changed[at // 8] ^= 1 << at % 8
        return Mutation("bits", statement, bytes(changed), single=False)

    def scalar(proof: bytes) -> Mutation:
        value = source.choice(
            [
                source.randrange(R),
                source.randrange(1 << 256),
                R - 1,
                R + 1,
                1,
                source.randrange(1 << 12),
            ]
        )
        return Mutation("a value", statement, source.choice(scalars).replaced(proof, packed(value)))

    def point(proof: bytes) -> Mutation:
        x, y = native().scale_points([(1, 2)], [source.randrange(1, R)]) or (1, 2)
        return Mutation(
            "a point of the curve", statement, source.choice(points).replaced(proof, packed(x, y))
        )

    def no_point(proof: bytes) -> Mutation:
        pair = [source.randrange(1 << source.choice((253, 256))) for _ in "xy"]
        return Mutation("no point", statement, source.choice(points).replaced(proof, packed(*pair)))

    def moved(proof: bytes) -> Mutation:
        one, other = source.sample(source.choice((points, scalars)), 2)
        swapped = other.replaced(one.replaced(proof, other.of(proof)), one.of(proof))
        return Mutation("two fields swapped", statement, swapped)

    def twice(proof: bytes) -> Mutation:
        one, other = source.sample(source.choice((points, scalars)), 2)
        return Mutation("a field twice", statement, one.replaced(proof, other.of(proof)))

    def mixed(proof: bytes) -> Mutation:
        other = source.choice([p for p in proofs if p != proof])
        chosen: list[Field] = source.sample(fields, source.randint(1, len(fields) - 1))
        changed = proof
        for field in chosen:
            changed = field.replaced(changed, field.of(other))
        return Mutation("fields of two proofs", statement, changed)

    def length(proof: bytes) -> Mutation:
        size = source.choice([source.randrange(len(proof)), len(proof) + source.randint(1, 99)])
        return Mutation("another length", statement, (proof + proof)[:size])

    def word(proof: bytes) -> Mutation:
        at = source.randrange(len(statement))
        value = statement[at] ^ 1 << source.randrange(256)
        return Mutation("a public word", (*statement[:at], value, *statement[at + 1 :]), proof)

    def opposite(proof: bytes) -> Mutation:
        field = source.choice(points)
        x, y = words(field.of(proof))
        return Mutation("the opposite point", statement, field.replaced(proof, packed(x, P - y)))

    kinds = (bits, many_bits, scalar, point, no_point, moved, twice, mixed, length, word, opposite)
    while True:
        made = source.choice(kinds)(source.choice(proofs))
        if made.statement != statement or made.proof not in proofs:
            yield made
