"""
The layout of a powers-of-tau file of snarkjs (.ptau): its sections and what its header says, read
before any point is.

Format (snarkjs, binfileutils): "ptau", version 1, number of sections; each section is a type (u32),
a size (u64) and its bytes, all little endian. Section 1 holds the base field's size and prime, the
power p and the ceremony's power; 2 is [tau^i]_1 for i < 2^(p+1) - 1; 3 is [tau^i]_2, 4 [alpha
tau^i]_1, 5 [beta tau^i]_1, each for i < 2^p; 6 is [beta]_2; 7 the contributions; 12 to 15 (in
prepared files) Lagrange bases. A point is its affine coordinates, each 32 bytes little endian in
Montgomery form (times 2^256 mod P); infinity is all zeros.

Correctness: a file that holds an element too many may give away tau (attacks F2), so every length
is exact and every byte belongs to a section that is known.
"""

from __future__ import annotations

import mmap
import struct

from algebra.interface import P
from prover.powers import malformed

MAGIC, MAX_POWER = b"ptau", 28
HEAD_BYTES = 12
"""Magic, version, number of sections."""
G1_BYTES, G2_BYTES = 64, 128


def sections_of(data: mmap.mmap) -> dict[int, tuple[int, int]]:
    """Offset and size of each section by type; they follow each other and end with the file."""
    magic, version, count = struct.unpack_from("<4sII", data, 0)
    if magic != MAGIC:
        raise malformed("magic", "it does not begin with 'ptau'")
    if version != 1:
        raise malformed("version", f"version {version}, 1 wanted", expected=1, got=version)
    sections: dict[int, tuple[int, int]] = {}
    offset = HEAD_BYTES
    for _ in range(count):
        if offset + 12 > len(data):
            raise malformed(
                "length", "it ends before its last section (a download cut short?)", got=len(data)
            )
        kind, size = struct.unpack_from("<IQ", data, offset)
        offset += 12
        if kind in sections or not (1 <= kind <= 7 or 12 <= kind <= 15):
            raise malformed("section", f"section {kind} is unknown or there twice", section=kind)
        left = len(data) - offset
        if size > left:
            raise malformed(
                "length",
                f"section {kind} has {size:,} bytes by its head, {left:,} are left of the file (a "
                "download cut short?)",
                section=kind,
                expected=size,
                got=left,
            )
        sections[kind] = (offset, size)
        offset += size
    if offset != len(data):
        raise malformed("length", f"{len(data) - offset} bytes follow the last section")
    missing = sorted(set(range(1, 8)) - sections.keys())
    if missing:
        raise malformed("section", f"section {missing[0]} is missing", section=missing[0])
    return sections


def header_power(data: mmap.mmap, sections: dict[int, tuple[int, int]]) -> int:
    """Check field and power; returns the power."""
    offset, size = sections[1]
    if size != 44 or struct.unpack_from("<I", data, offset)[0] != 32:
        raise malformed("prime", "the header is not that of a 32-byte field")
    if int.from_bytes(data[offset + 4 : offset + 36], "little") != P:
        raise malformed("prime", "the points are not on BN254: another base field prime")
    power, ceremony_power = struct.unpack_from("<II", data, offset + 36)
    if not 1 <= power <= ceremony_power <= MAX_POWER:
        raise malformed(
            "power", f"power {power} of a ceremony of power {ceremony_power} (at most {MAX_POWER})"
        )
    return int(power)


def check_lengths(sections: dict[int, tuple[int, int]], power: int) -> None:
    """Exactly the expected elements (attacks F2); the contributions are walked through later."""
    few = 1 << power
    expected = {
        2: (2 * few - 1) * G1_BYTES,
        3: few * G2_BYTES,
        4: few * G1_BYTES,
        5: few * G1_BYTES,
        6: G2_BYTES,
        12: (4 * few - 1) * G1_BYTES,
        13: (2 * few - 1) * G2_BYTES,
        14: (2 * few - 1) * G1_BYTES,
        15: (2 * few - 1) * G1_BYTES,
    }
    for kind, size in expected.items():
        if kind in sections and sections[kind][1] != size:
            raise malformed(
                "length",
                f"section {kind} has {sections[kind][1]} bytes, {size} wanted for power {power}",
                section=kind,
                expected=size,
                got=sections[kind][1],
            )
