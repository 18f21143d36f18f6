"""
Record rows: limbs and bits of one account-statement line (docs/explanation/layout.md 2,
docs/explanation/metrics.md A8, B1).

free 0..11 are the bits of `kind`, free 12 the near bit; limbs 0..12 the other fields; limbs 13..15
two comparisons.

Correctness
-----------
Without `record` the metrics would not be those of the attested log. Without a bit's booleanness a
value could be counted many times. Without the near check M5 and M8 would see nothing, without the
exposure check M16.
"""

from __future__ import annotations

from circuits.credential.v2.trace import FREE, LIMB_BITS, Shared
from circuits.language.circuit import Kind
from circuits.language.expression import Expression, add_all, compose, wrap
from history.v2.record import KIND_NAMES, KINDS, VALUE_OFFSET
from history.v2.totals import TOTALS

DAY, MINUTE, EXPOSURE, DISTANCE, NOTIONAL, VALUE, NEAR_CHECK, EXPOSURE_CHECK = (
    0,
    1,
    2,
    3,
    5,
    9,
    13,
    15,
)


def record_rows(
    s: Shared, kind: Kind, distance: Expression, near_line: Expression, exposure: Expression
) -> Expression:
    """
    Constrain the record rows.

    Parameters
    ----------
    distance : M5's threshold + 2^23, its weakest value 0 if not asked. near_line : + 2^23, at least
        `distance`.
    exposure : M16's threshold, 4095 if not asked.

    Returns
    -------
    The numerator of the group-by: sum over `TOTALS` of v * group^i; degree 3.
    """
    c = s.circuit
    bit = dict(zip(KIND_NAMES, s.free, strict=False))
    active, near = bit["active"], s.free[FREE - 1]
    for column in s.free:
        c.bound(kind, column, 0, 1)
    for name, column in (*bit.items(), ("near", near)):
        c.require(kind, f"record.{name}_is_bit", column * (column - 1))
    first = c.single("first_record", 0)
    c.bound(first, active, 0, 1)
    c.require(first, "record.first_is_active", active - 1)
    vote = active - add_all(bit[name] for name in KIND_NAMES[1 : 1 + len(KINDS)])
    c.require(kind, "record.one_kind", vote * (vote - 1))
    c.require(kind, "record.near_is_active", near * (1 - active))
    limit = near * distance + (active - near) * near_line
    c.require(kind, "record.distance", s.number(DISTANCE, 2) - limit - s.number(NEAR_CHECK, 2))
    c.require(
        kind,
        "record.exposure",
        exposure * active - s.number(EXPOSURE, 1) - s.number(EXPOSURE_CHECK, 1),
    )
    c.record(
        kind.selector
        * (compose(s.free[: len(KIND_NAMES)], 1) + (s.number(0, NEAR_CHECK) * (1 << LIMB_BITS)))
    )

    value = s.number(VALUE, 4) - VALUE_OFFSET * active
    of = {
        "value": value,
        "notional": s.number(NOTIONAL, 4),
        "square": value * value,
        "one": wrap(1),
    }
    maker, mark = bit["maker"], bit["mark"]
    flag = {
        **bit,
        "vote": vote,
        "near": near,
        "maker_fill": maker * bit["fill"],
        "account_mark": mark * (1 - maker),
        "owner_mark": mark * maker,
    }
    return grouped(
        s,
        {
            name: of[total.of] * add_all(flag[f] for f in total.flags)
            for name, total in TOTALS.items()
        },
    )


def grouped(s: Shared, values: dict[str, Expression]) -> Expression:
    """sum of the named totals times their powers of the group challenge."""
    total, power = add_all([]), add_all([1])
    for name in TOTALS:
        if name in values:
            total = total + values[name] * power
        power = power * s.challenge["group"]
    return total


def total_bounds(rows: int) -> dict[str, tuple[int, int]]:
    """
    Least and greatest value of each day total: a record's interval times the number of record rows.
    """
    top, money = (1 << 48) - 1, 1 << 47
    of = {
        "value": (-3 * money * rows, 3 * top * rows),
        "notional": (0, top * rows),
        "square": (0, (2 * money) ** 2 * rows),
        "one": (0, rows),
    }
    return {name: of[total.of] for name, total in TOTALS.items()}
