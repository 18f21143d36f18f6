"""
One account-statement line as one field element (docs/explanation/metrics.md A8).

A record is 14 limbs of 12 bits, lowest first: kind 1, day 1, minute 1, exposure 1, distance + 2^23
2, notional 4, value + 2^47 4. The word is below 2^168, so it is its own residue and the encoding is
one to one.

A log is kept by columns (`Records`): a million records are seven numpy arrays, never a million
objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from algebra.errors import Malformed

LIMB_BITS = 12
LIMB_MASK = (1 << LIMB_BITS) - 1
RECORD_LIMBS = 14
RECORD_BITS = LIMB_BITS * RECORD_LIMBS  # 168

# Bits of kind (A8). ACTIVE is set in every record; at most one of KINDS, none of them is a vote.
# MAKER on a mark says that it is the owner's mark (A6).
ACTIVE = 1 << 0
FILL = 1 << 1
TRANSFER = 1 << 2
MARK = 1 << 3
CARRY = 1 << 4
REWARD = 1 << 5
BOOKED = 1 << 6
TRIP = 1 << 7
MAKER = 1 << 8
LIQUIDATION = 1 << 9
INFLOW = 1 << 10
BASE = 1 << 11
VOTE = 0
"""A record of none of the seven kinds."""
KINDS = (FILL, TRANSFER, MARK, CARRY, REWARD, BOOKED, TRIP)
KIND_MASK = FILL | TRANSFER | MARK | CARRY | REWARD | BOOKED | TRIP
KIND_NAMES = (
    "active",
    "fill",
    "transfer",
    "mark",
    "carry",
    "reward",
    "booked",
    "trip",
    "maker",
    "liquidation",
    "inflow",
    "base",
)
"""Name of each bit of kind, lowest first."""

CLASSES = range(13, 21)
"""
Size classes of logs, log2 of the circuit's rows: 2^13 just holds the lookup's tables (4,096 + 2,752
rows), and every bound of docs/explanation/metrics.md is for 2^20 records.
"""
MAX_RECORDS = 1 << CLASSES[-1]
MAX_DAYS = 366  # days of the longest window; a record's day is below it
MINUTES = 1440  # a record's minute is below it
EXPOSURE_LIMIT = 1 << 12  # in 1/20; 4095 means 204.75 and more
DISTANCE_OFFSET = (
    1 << 23
)  # in 1/10^4; the least distance is -DISTANCE_OFFSET, all else in [-2^23, 2^23)
NOTIONAL_LIMIT = 1 << 48  # cents
VALUE_OFFSET = 1 << 47  # cents; |value| < VALUE_OFFSET (A7)
NO_POSITION_DISTANCE = 10_000  # 1.0: the distance of a wallet without position (A6)

Int64 = npt.NDArray[np.int64]


class Record(NamedTuple):
    """One record; units and ranges as in `Records`."""

    kind: int
    day: int
    minute: int
    exposure: int
    distance: int
    notional: int
    value: int


# (field, least, greatest); the ranges that the encoding holds
RANGES: tuple[tuple[str, int, int], ...] = (
    ("kind", 0, LIMB_MASK),
    ("day", 0, MAX_DAYS - 1),
    ("minute", 0, MINUTES - 1),
    ("exposure", 0, EXPOSURE_LIMIT - 1),
    ("distance", -DISTANCE_OFFSET, DISTANCE_OFFSET - 1),
    ("notional", 0, NOTIONAL_LIMIT - 1),
    ("value", 1 - VALUE_OFFSET, VALUE_OFFSET - 1),
)


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """
    Records of a log by column, int64, shape (count,) each.

    Attributes
    ----------
    kind : 12 bits, ACTIVE always set
    day : 0..365, days since the first day of the window (UTC)
    minute : 0..1439
    exposure : 0..4095, gross notional over equity in 1/20, saturating
    distance : -2^23..2^23-1, distance to liquidation in 1/10^4, saturating below
    notional : 0..2^48-1, cents
    value : |value| < 2^47, cents

    Raises
    ------
    Malformed
        `malformed.record` on construction from columns of unequal length, of more than one
        dimension or not integers. Ranges are checked by `encode`, `limbs`, `decode` and `check`,
        with the index of the first bad record.
    """

    kind: Int64
    day: Int64
    minute: Int64
    exposure: Int64
    distance: Int64
    notional: Int64
    value: Int64

    def __post_init__(self) -> None:
        for name in Record._fields:
            column: npt.NDArray[Any] = np.asarray(getattr(self, name))
            if column.ndim != 1 or (len(column) and column.dtype.kind not in "iub"):
                raise Malformed(
                    "malformed.record",
                    f"records: {name} is not a one-dimensional column of integers",
                )
            if column.dtype == np.uint64 and len(column) and int(column.max()) >= 1 << 63:
                raise Malformed(
                    "malformed.record", f"records: {name} does not fit 64 bits", field=name
                )
            if len(column) != len(self.kind):
                raise Malformed(
                    "malformed.record",
                    f"records: {name} has {len(column)} rows, kind has {len(self.kind)}",
                    field=name,
                )
            object.__setattr__(self, name, column.astype(np.int64, copy=False))

    def __len__(self) -> int:
        return len(self.kind)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Records):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in Record._fields
        )

    __hash__ = None  # type: ignore[assignment]

    # -- rows --------------------------------------------------------------------------------------
    @classmethod
    def from_rows(cls, rows: Iterable[Record]) -> Records:
        """Columns of the given rows; Malformed where a number does not fit 64 bits."""
        listed = list(rows)
        try:
            columns = [
                np.array([row[i] for row in listed], dtype=np.int64)
                for i in range(len(Record._fields))
            ]
        except (OverflowError, TypeError, ValueError) as error:
            raise Malformed(
                "malformed.record", f"records: a field is not a 64-bit integer: {error}"
            ) from error
        return cls(*columns)

    def row(self, index: int) -> Record:
        """Record `index`, Python integers."""
        return Record(*(int(getattr(self, name)[index]) for name in Record._fields))

    def rows(self) -> list[Record]:
        """All records, Python integers."""
        columns = [getattr(self, name).tolist() for name in Record._fields]
        return [Record(*row) for row in zip(*columns, strict=True)]

    def take(self, indices: Sequence[int] | Int64 | slice | npt.NDArray[np.bool_]) -> Records:
        """
        The records at `indices`, in that order; a slice or a mask of booleans works as in numpy.
        """
        chosen: Any = indices if isinstance(indices, slice) else np.asarray(indices)
        if isinstance(chosen, np.ndarray) and not len(chosen):
            chosen = slice(0, 0)
        return Records(*(getattr(self, name)[chosen] for name in Record._fields))

    def has(self, bit: int) -> npt.NDArray[np.bool_]:
        """Which records carry any of the bits of `bit`; shape (count,)."""
        flags: npt.NDArray[np.bool_] = (self.kind & bit) != 0
        return flags

    @property
    def owner_marks(self) -> npt.NDArray[np.bool_]:
        """Which records are marks of the owner, not of an account; shape (count,)."""
        return self.has(MARK) & self.has(MAKER)

    @property
    def moved(self) -> int:
        """Cents that the records book: the values of all but marks and trips (A3)."""
        return sum(self.value[~self.has(MARK | TRIP)].tolist())

    # -- checks ------------------------------------------------------------------------------------
    def check_ranges(self) -> None:
        """
        Malformed (`malformed.record.range`) naming the first record with a field that the encoding
        cannot hold.
        """
        for name, least, greatest in RANGES:
            column: Int64 = getattr(self, name)
            bad = np.flatnonzero((column < least) | (column > greatest))
            if len(bad):
                index = int(bad[0])
                raise Malformed(
                    "malformed.record.range",
                    f"record {index}: {name} {int(column[index])} is outside {least}..{greatest}",
                    index=index,
                    field=name,
                )

    def check(self) -> None:
        """
        All that a canonical record obeys by itself: ranges, kind bits, and 0 in the fields its kind
        does not use.

        Raises
        ------
        Malformed
            `malformed.record.range` or `malformed.record.kind`, with `index` of the first bad
            record.
        """
        self.check_ranges()
        kind = self.kind
        kinds = sum(((kind & bit) != 0).astype(np.int64) for bit in KINDS)
        rules: tuple[tuple[Any, str], ...] = (
            ((kind & ACTIVE) == 0, "the active bit is not set"),
            (kinds > 1, "more than one of the seven kinds"),
            (
                self.has(MAKER) & ~self.has(FILL | MARK),
                "maker on a record that is neither fill nor mark",
            ),
            (
                self.has(LIQUIDATION) & ~self.has(FILL | BOOKED),
                "liquidation on a record that is neither fill nor booked",
            ),
            (
                self.has(INFLOW | BASE) & ~self.has(TRANSFER | REWARD),
                "inflow or base on a record that is no transfer",
            ),
            (
                (self.notional != 0) & ~self.has(FILL | BOOKED | MARK),
                "notional on a kind that has none",
            ),
            ((self.value != 0) & (kinds == 0), "value on a vote"),
            (
                (self.owner_marks | self.has(TRIP))
                & ((self.distance != NO_POSITION_DISTANCE) | (self.exposure != 0)),
                "state on a trip or an owner's mark, which have none",
            ),
            (self.owner_marks & (self.value < 0), "an owner's mark with a value below 0"),
        )
        for wrong, reason in rules:
            bad = np.flatnonzero(wrong)
            if len(bad):
                index = int(bad[0])
                raise Malformed(
                    "malformed.record.kind",
                    f"record {index}: {reason} (kind {int(kind[index]):#05x})",
                    index=index,
                )

    # -- encoding ----------------------------------------------------------------------------------
    def limbs(self) -> npt.NDArray[np.uint16]:
        """
        The 14 limbs of every record, lowest first (A8).

        Returns
        -------
        uint16, shape (count, 14), each below 2^12
            Column 0 is kind, 1 day, 2 minute, 3 exposure, 4-5 distance + 2^23, 6-9 notional, 10-13
            value + 2^47.

        Raises
        ------
        Malformed
            `malformed.record.range`.
        """
        self.check_ranges()
        parts = (
            (self.kind, 1), (self.day, 1), (self.minute, 1), (self.exposure, 1),
            (self.distance + DISTANCE_OFFSET, 2), (self.notional, 4),
            (self.value + VALUE_OFFSET, 4),
        )  # fmt: skip
        out = np.empty((len(self), RECORD_LIMBS), dtype=np.uint16)
        position = 0
        for number, count in parts:
            for i in range(count):
                out[:, position] = (number >> (LIMB_BITS * i)) & LIMB_MASK
                position += 1
        return out

    def encode(self) -> list[int]:
        """Words of A8, each in [0, 2^168); Malformed (`malformed.record.range`) as in `limbs`."""
        self.check_ranges()
        low = self.kind | self.day << 12 | self.minute << 24 | self.exposure << 36
        words = zip(
            low.tolist(),
            (self.distance + DISTANCE_OFFSET).tolist(),
            self.notional.tolist(),
            (self.value + VALUE_OFFSET).tolist(),
            strict=True,
        )
        return [a | b << 48 | c << 72 | d << 120 for a, b, c, d in words]

    @classmethod
    def decode(cls, words: Sequence[int]) -> Records:
        """
        Inverse of `encode`; refuses whatever `encode` of canonical records cannot give.

        Raises
        ------
        Malformed
            `malformed.record.word` (not an integer in [0, 2^168)), or as `check`, with the index.
        """
        for index, word in enumerate(words):
            if not isinstance(word, int) or not 0 <= word < 1 << RECORD_BITS:
                raise Malformed(
                    "malformed.record.word",
                    f"record {index}: not an integer of {RECORD_BITS} bits (unused bits must be 0)",
                    index=index,
                )
        low = np.array([word & (1 << 48) - 1 for word in words], dtype=np.int64)
        distance = np.array([word >> 48 & (1 << 24) - 1 for word in words], dtype=np.int64)
        notional = np.array([word >> 72 & (1 << 48) - 1 for word in words], dtype=np.int64)
        value = np.array([word >> 120 for word in words], dtype=np.int64)
        records = cls(
            low & LIMB_MASK,
            low >> 12 & LIMB_MASK,
            low >> 24 & LIMB_MASK,
            low >> 36,
            distance - DISTANCE_OFFSET,
            notional,
            value - VALUE_OFFSET,
        )
        records.check()
        return records


if (
    tuple(field.name for field in fields(Records)) != Record._fields
):  # the two must never drift apart
    raise TypeError("Record and Records have different fields")
