"""
Lies in the arguments: sides of lookups, messages of the bus, cells of helper columns and of the
running sum.
"""

from __future__ import annotations

from collections.abc import Mapping

from attacks.kit import lies_compare, lies_days, lies_hash, lies_score
from attacks.kit.cheats import Cheat, Lie, truth
from attacks.kit.trace import RUNNING_SUM, Trace
from attacks.kit.weaken import BusMessage, bus_messages
from support.credential import LAYOUT, RHO, honest
from support.forge import Forger, Step, chain, forger, point

from algebra.interface import P
from algebra.native_backend import native
from circuits.credential.v2.layout import WORD_ROWS
from circuits.credential.v2.link import window_digits
from circuits.credential.v2.trace import RANGE
from circuits.language.circuit import END_ROWS, Circuit
from history.v2.record import MAX_DAYS
from prover.witness.v2.cells import Cells


def more_volume(trace: Trace) -> None:
    """A volume on the bus that nobody summed: the running sum does not close."""
    trace.add("free0", LAYOUT.comparison("volume_equity"), 10**9)


def rest(trace: Trace) -> int:
    """Where the running sum ends."""
    return trace.get(RUNNING_SUM, trace.circuit.size - END_ROWS)


def closed(last: Lie) -> Cheat:
    """A false volume, and stage-2 cells that take up the difference."""
    return Cheat("any volume", honest(), more_volume, last)


def in_helper(column: str, row: int) -> Cheat:
    """One cell of a helper column makes the running sum end at zero."""

    def last(trace: Trace) -> None:
        trace.add(column, row, -rest(trace))
        trace.accumulate()

    return closed(last)


def from_row(row: int) -> Cheat:
    """The running sum is moved from a row on, so that it ends at zero."""

    def last(trace: Trace) -> None:
        missing = rest(trace)
        for at in range(row, trace.circuit.size - END_ROWS + 1):
            trace.add(RUNNING_SUM, at, -missing)

    return closed(last)


def arguments(circuit: Circuit) -> dict[str, Cheat]:
    """Helper columns and the running sum, by label."""
    return {
        **{f"helper.{h.label}": in_helper(h.column, 100) for h in circuit.helpers},
        "sum.next": from_row(3000),
        "sum.start": from_row(0),
        "sum.end": closed(truth),
    }


def boundaries(circuit: Circuit) -> dict[tuple[str, int], Cheat]:
    """The same on the first and the last row that the running sum takes in: (label, row)."""
    ends = (0, circuit.size - END_ROWS - 1)
    return {
        (f"helper.{h.label}", row): in_helper(h.column, row)
        for h in circuit.helpers
        for row in ends
    } | {("sum.next", row): from_row(row + 1) for row in ends}


def lookup(label: str) -> Cheat:
    """A limb that is no limb; a point, or a place of the score, that is in no table."""
    if label == "score.place":
        return lies_score.lookup()
    if label.startswith("range.limb"):
        return lies_compare.out_of_range(int(label.removeprefix("range.limb")))
    algebra = native()
    stranger = point(algebra.scale_points([(1, 2)], [0xDEADBEEF]))

    def alter(cells: Cells, prover: Forger) -> None:
        points = [prover.table[i] for i in prover.picks]
        points[-2] = point(algebra.add_points([points[-2], stranger]))
        points[-1] = point(algebra.add_points([points[-1], (stranger[0], -stranger[1] % P)]))
        chain(cells, prover.start, [Step(p) for p in points])

    def lie(trace: Trace) -> None:
        for pick in window_digits(RHO)[-2:]:
            trace.add("multiplicity", RANGE + pick, -1)

    return Cheat(
        "points outside the table", honest(), lie, witness=forger(honest(), alter, own_link=True)
    )


def names(circuit: Circuit) -> dict[int, str]:
    """What the numbers of the bus are called: as their consumers' rows say."""
    out, compared = {}, {LAYOUT.comparison(row): row for row in LAYOUT.comparison_rows}
    score = lies_score.names()
    words = {LAYOUT.word(index): f"feed{index}" for index in range(WORD_ROWS)}
    for message in bus_messages(circuit):
        if message.multiplicity < 0 and (message.row, message.slot) in score:
            out[message.identity] = score[message.row, message.slot]
        if message.row in compared:
            taken = LAYOUT.comparison_rows[compared[message.row]]
            out[message.identity] = taken[message.slot]
        if message.multiplicity < 0 and message.row == LAYOUT.days:
            out[message.identity] = ("counts", "money")[message.slot]
        if message.multiplicity < 0 and message.row == LAYOUT.days + 1:
            out[message.identity] = ("sum_records", "closing")[message.slot]
        if message.row in words:
            out[message.identity] = words[message.row]
        if message.multiplicity < 0 and message.row == LAYOUT.day(MAX_DAYS) + 1:
            out[message.identity] = f"feed{WORD_ROWS}"
    return out


def message(called: Mapping[int, str], m: BusMessage) -> Cheat:
    """A consumer that takes another value than its producer sent; `called` as `names` gives it."""
    if m.row >= LAYOUT.score:
        return lies_score.message(m.row)
    if m.row < LAYOUT.days:
        return lies_hash.message(m)
    return lies_days.message(called[m.identity], m.row)
