"""
Lies in the record rows. The committed word stays the same, or differs in the one field that is not
committed to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from attacks.kit.books import Books, attest, rewrite
from attacks.kit.cheats import Cheat
from attacks.kit.hands import get_limbs, set_free, set_limb, set_limbs
from attacks.kit.trace import Trace
from support.credential import fill, honest, mark, transfer, vote, week

from circuits.credential.v2.records import DISTANCE, EXPOSURE_CHECK, NEAR_CHECK, VALUE
from circuits.credential.v2.trace import FREE, LIMBS
from history.v2.record import KIND_NAMES, Record

NEAR = len(KIND_NAMES)
END = len(week())
"""Row after the stock week's records."""
LIQUIDATION = next(i for i, row in enumerate(week()) if row.distance < 0)
KINDS = KIND_NAMES[1:8]


def retold(
    gain: str,
    change: Callable[[Trace], None],
    rows: Sequence[Record] | None = None,
    *,
    attested: bool = False,
) -> Cheat:
    """
    Cells of record rows changed, and books that follow.

    rows : another history. attested : a careless quorum signs the changed cells.
    """

    def lie(trace: Trace) -> None:
        if rows is not None:
            rewrite(trace, rows)
        change(trace)
        if attested:
            attest(trace)
        Books(trace).keep()

    return Cheat(gain, honest(), lie)


def plain(*bits: str, day: int = 3) -> Record:
    """A record with some bits, value and notional zero."""
    return vote(day)._replace(kind=sum(1 << KIND_NAMES.index(bit) for bit in ("active", *bits)))


def steps(row: int, **bits: int) -> Callable[[Trace], None]:
    """Bits of a row, each changed by a step."""

    def change(trace: Trace) -> None:
        for bit, step in bits.items():
            trace.add(f"free{KIND_NAMES.index(bit)}", row, step)

    return change


def first_empty(trace: Trace) -> None:
    """The first record moves behind the last."""
    for limb in range(LIMBS):
        set_limb(trace, END, limb, trace.get(f"limb{limb}", 0))
        set_limb(trace, 0, limb, 0)
    set_free(trace, END, *(trace.get(f"free{i}", 0) for i in range(FREE)))
    set_free(trace, 0, *[0] * FREE)


def not_a_bit() -> dict[str, Cheat]:
    """The same word from other bits: one of them weighs -1 or 2, its neighbour makes up for it."""
    out = {}
    for bit, following in pairwise(KINDS):
        rows = [*week(), *([mark(3)] if bit == "mark" else []), plain(bit)]
        if following == "mark":
            rows = [row for row in rows if row != mark(3)]
        out[f"record.{bit}_is_bit"] = retold(
            f"a {bit} counted with the other sign",
            steps(len(rows) - 1, **{bit: -2, following: 1}),
            rows,
        )
    out["record.trip_is_bit"] = retold(
        "a trip counted with the other sign",
        steps(END, fill=1, trip=-1, maker=1),
        [*week(), plain()],
        attested=True,
    )
    for bit, following in pairwise(KIND_NAMES[8:]):
        out[f"record.{bit}_is_bit"] = retold(
            f"one {bit} counted twice",
            steps(END, **{bit: 2, following: -1}),
            [*week(), plain("fill", following)],
        )

    def base(trace: Trace) -> None:
        steps(END, base=2)(trace)
        set_limb(trace, END, 0, 2)

    out["record.base_is_bit"] = retold(
        "a withdrawal counted twice", base, [*week(), plain("transfer")]
    )
    return out


def active_thrice() -> Cheat:
    """
    A mark that becomes a fill, a transfer and a vote at once; with a near line and an exposure line
    that do not mind.
    """
    top = (1 << 47) - 1
    rows = [*week(), transfer(3, top), transfer(3, top), mark(3, top, exposure=5)]

    def lie(trace: Trace) -> None:
        trace.scalars |= {"t_near_line": 1000, "ask_16": 1, "t_peak_exposure": 1000}
        rewrite(trace, rows)
        row = len(rows) - 1
        steps(row, active=2, fill=1, transfer=1, mark=-1)(trace)
        set_limbs(trace, row, NEAR_CHECK, 2, get_limbs(trace, row, DISTANCE, 2) - 3000)
        set_limb(trace, row, EXPOSURE_CHECK, 3000 - 5)
        Books(trace).keep()

    return Cheat("one record counted as three", honest(), lie)


def checks() -> dict[str, Cheat]:
    """Near line, exposure, and one kind at most."""

    def hidden(trace: Trace) -> None:
        set_free(trace, LIQUIDATION, 0, start=NEAR)

    def twice(trace: Trace) -> None:
        set_free(trace, END, 2, start=NEAR)
        set_limbs(
            trace,
            END,
            NEAR_CHECK,
            2,
            get_limbs(trace, END, DISTANCE, 2) + trace.scalars["t_near_line"],
        )

    def on_no_record(trace: Trace) -> None:
        set_free(trace, END, 1, start=NEAR)
        set_limbs(trace, END, NEAR_CHECK, 2, trace.scalars["t_near_line"])

    def exposure(trace: Trace) -> None:
        set_limb(trace, 0, EXPOSURE_CHECK, 17)

    return {
        "record.one_kind": retold(
            "a deposit that is a profit too", steps(END), [*week(), plain("fill", "transfer")]
        ),
        "record.distance": retold("a record below the near line, not near", hidden),
        "record.near_is_bit": retold("near twice", twice, [*week(), fill(3, 0, distance=-5000)]),
        "record.first_is_active": retold("a log that is zero", first_empty, attested=True),
        "record.near_is_active": retold("a near day without records", on_no_record),
        "record.exposure": Cheat(
            "an exposure over the line", honest(16, peak_exposure=50), exposure
        ),
    }


def field(name: str) -> Cheat:
    """
    One field of a record of day 3 that is not the attested one; books that follow.

    A value moves from one record of the day to another, so that the books close. A vote turns into
    what the bit says.
    """
    row, column = END, int(name.removeprefix("limb").removeprefix("free"))
    bit = KIND_NAMES[column] if name.startswith("free") else ""
    rows = [*week(), plain("fill")._replace(exposure=0)]
    if bit in ("active", *KINDS[1:]):
        rows[row] = plain()._replace(exposure=0)
    if bit == "mark":
        rows = [*(r for r in rows if r != mark(3)), mark(4)]
        row, rows[-1] = len(rows) - 2, vote(4)
    moved = name.startswith("limb") and column >= VALUE
    if moved:
        rows.append(plain("fill")._replace(value=1 << 12 * (column - VALUE)))

    def change(trace: Trace) -> None:
        if bit:
            trace.put(name, row, 1 - trace.get(name, row))
        else:
            set_limb(trace, row, column, trace.get(name, row) + 1)
        if moved:
            set_limb(trace, row + 1, column, trace.get(name, row + 1) - 1)
        keep_checks(trace, row)

    return retold(f"another {bit or name} than the attested one", change, rows)


def keep_checks(trace: Trace, row: int) -> None:
    """Near and exposure of a record as its fields say."""
    distance, line = get_limbs(trace, row, DISTANCE, 2), trace.scalars["t_near_line"]
    active = trace.get("free0", row)
    near = int(active and distance < line)
    set_free(trace, row, near, start=NEAR)
    set_limbs(trace, row, NEAR_CHECK, 2, distance - (active - near) * line)
    set_limb(trace, row, EXPOSURE_CHECK, 4095 * active - trace.get("limb2", row))


def cheats() -> dict[str, Cheat]:
    return {**not_a_bit(), "record.active_is_bit": active_thrice(), **checks()}
