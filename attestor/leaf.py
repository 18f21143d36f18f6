"""
The leaf: what the tree says of an owner's log (docs/explanation/attestation.md 4).

Ten words, packed injectively (link L11: the commitment enters by its 256-bit coordinates, never
modulo r):

    owner_tag, venue, header, salt, C0, C1, C2, counts, days, money

    header = version | log2(n) << 16 | srs_id << 32        C0 = x mod 2^192
    counts = first_row + 2^24 count + 2^48 wallets         C1 = (x >> 192) + 2^80 (y >> 192)
    days   = first + 2^24 last + 2^48 bound                C2 = y mod 2^192
    money  = opening + 2^48 (closing + 2^47)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.interface import Algebra, P, R
from algebra.poseidon2 import TAG_LEAF, hash_words
from history.v2.leaf_words import LEAF_WORDS, SRS_ID_BITS, leaf_header, point_words

CLOSING_OFFSET = 1 << 47


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    An attested log, without its records.

    Attributes
    ----------
    owner_tag : hash of (identity secret, venue word), in [0, r)
    venue : word of venue and consent key, `attestor.consent.venue_word`, below 2^248
    size_class : log2 of the rows, 1..28 (2^13..2^20 in use; smaller ones in tests)
    srs_id : 200 bits
    salt : in [0, r), secret between attestor and owner; `attestor.consent.leaf_salt`
    commitment : affine coordinates of C
    count, wallets : records; wallets, 1..4095
    first_day, last_day, bound_day : days since 1970-01-01 UTC, 24 bits
    opening : 0..2^48-1 cents; closing : |closing| < 2^47 cents
    first_row : 0 in version 1
    """

    owner_tag: int
    venue: int
    size_class: int
    srs_id: int
    salt: int
    commitment: tuple[int, int]
    count: int
    wallets: int
    first_day: int
    last_day: int
    bound_day: int
    opening: int
    closing: int
    first_row: int = 0

    def __post_init__(self) -> None:
        ranges = (
            ("owner_tag", self.owner_tag, 0, R - 1),
            ("venue", self.venue, 0, (1 << 248) - 1),
            ("size_class", self.size_class, 1, 28),
            ("srs_id", self.srs_id, 0, (1 << SRS_ID_BITS) - 1),
            ("salt", self.salt, 0, R - 1),
            ("commitment.x", self.commitment[0], 0, P - 1),
            ("commitment.y", self.commitment[1], 0, P - 1),
            ("first_row", self.first_row, 0, 0),
            ("count", self.count, 1, (1 << 24) - 1),
            ("wallets", self.wallets, 1, (1 << 12) - 1),
            ("first_day", self.first_day, 0, self.last_day),
            ("last_day", self.last_day, self.first_day, (1 << 24) - 1),
            ("bound_day", self.bound_day, 0, self.first_day),
            ("opening", self.opening, 0, (1 << 48) - 1),
            ("closing", self.closing, 1 - CLOSING_OFFSET, CLOSING_OFFSET - 1),
        )
        for name, value, least, greatest in ranges:
            if not least <= value <= greatest:
                raise Malformed(
                    "malformed.leaf", f"leaf: {name} is outside {least}..{greatest}", part=name
                )

    @property
    def header(self) -> int:
        """Third word: version, class, setup."""
        return leaf_header(self.size_class, self.srs_id)

    def words(self) -> list[int]:
        """The ten words, each in [0, r)."""
        return [
            self.owner_tag,
            self.venue,
            self.header,
            self.salt,
            *point_words(self.commitment),
            self.first_row | self.count << 24 | self.wallets << 48,
            self.first_day | self.last_day << 24 | self.bound_day << 48,
            self.opening | (self.closing + CLOSING_OFFSET) << 48,
        ]

    def digest(self) -> int:
        """Poseidon2 of the words under the leaf's tag."""
        return hash_words(TAG_LEAF, self.words())


def leaf_digests(leaves: Sequence[Leaf], algebra: Algebra) -> list[int]:
    """`Leaf.digest` of many leaves, five permutations each, all leaves at once."""
    states = [(0, 0, (TAG_LEAF << 32) + LEAF_WORDS)] * len(leaves)
    words = [leaf.words() for leaf in leaves]
    for i in range(0, LEAF_WORDS, 2):
        absorbed = [
            ((s[0] + w[i]) % R, (s[1] + w[i + 1]) % R, s[2])
            for s, w in zip(states, words, strict=True)
        ]
        states = algebra.poseidon2_many(absorbed)
    return [state[0] for state in states]
