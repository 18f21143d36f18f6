"""
Words of a leaf that the attestor packs and the circuit unpacks (docs/explanation/attestation.md 4).
"""

from __future__ import annotations

LEAF_VERSION = 1
LEAF_WORDS = 10
SRS_ID_BITS = 200
COORDINATE_SPLIT = 192
"""The bit at which a coordinate of 256 bits is cut."""


def leaf_header(size_class: int, srs_id: int) -> int:
    """Third word of the leaf: version, log2 of the rows, 200 bits of the setup's id."""
    return LEAF_VERSION | size_class << 16 | srs_id << 32


def point_words(point: tuple[int, int]) -> list[int]:
    """The three words of a point in the leaf; injective, never reduced mod r."""
    x, y = point
    low = (1 << COORDINATE_SPLIT) - 1
    return [x & low, (x >> COORDINATE_SPLIT) | (y >> COORDINATE_SPLIT) << 80, y & low]
