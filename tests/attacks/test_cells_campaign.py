"""
A1: every cell overwritten; a sample of the kinds of rows, and the controls.
`attacks.campaigns.cells` does all (`make attack`).
"""

from __future__ import annotations

from functools import cache

import pytest
from attacks.campaigns.cells import Probe, cells_campaign, free_by_design, kinds_of_rows
from attacks.kit.cheats import case_trace
from support.credential import ALL_METRICS, LAYOUT, honest

from circuits.language.circuit import FIXED

SAMPLE = (
    "record",
    "link_t1",
    "partial_rounds",
    "leaf_days",
    "day_equity",
    "sums",
    "compare_near",
    "end_sum",
    "end_registers",
    "end_blinding",
)


@cache
def probe() -> Probe:
    return Probe(case_trace(honest(*ALL_METRICS)).complete())


def labels(name: str, row: int, step: int = 1) -> set[str]:
    index = probe().trace.circuit.index(name)
    return probe().labels(row, index, probe().trace.get(name, row) + step)


def test_a_sample_of_the_kinds() -> None:
    found = cells_campaign(lambda _: None, only=SAMPLE)
    assert [kind["missed"] for kind in found["details"]] == [[] for _ in SAMPLE]
    assert found["tried"] == found["caught"] + found["free"]
    written = [c for c in probe().trace.circuit.columns if c.stage != FIXED]
    assert found["classes"] == len(SAMPLE) * len(written)


def test_the_trace_is_valid() -> None:
    assert probe().trace.failures() == {}


def test_every_row_belongs_to_a_class() -> None:
    rows = {row for rows in kinds_of_rows(probe().trace).values() for row in rows}
    assert rows == set(
        range(probe().trace.circuit.size - 1)
    )  # the last row's neighbour is row 0: a blinding row as well


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("limb5", 0, {"record", "sum.end"}),
        ("free2", 0, {"record", "record.one_kind", "sum.end"}),
        ("multiplicity", 7000, {"sum.end"}),
        ("helper_range1", 4000, {"helper.range1", "sum.next"}),
        ("running_sum", 5, {"sum.next"}),
        ("running_sum", 0, {"sum.next", "sum.start"}),
        (
            "slope",
            LAYOUT.day(3) + 1,
            {"return.marks", "day_equity.keep_slope", "day_return.keep_slope"},
        ),
    ],
)
def test_labels_of_a_cell(name: str, row: int, expected: set[str]) -> None:
    assert labels(name, row) == expected


def test_a_cell_that_nothing_reads_is_free_and_a_read_one_is_not() -> None:
    row, trace = LAYOUT.comparison("window"), probe().trace
    assert labels("limb4", row, 9) == set()
    assert labels("limb4", row, 5000) == {"sum.end"}  # out of the range of its lookup
    assert free_by_design(trace, "compare_window", "limb4", row, 9)
    assert not free_by_design(trace, "compare_window", "limb4", row, 5000)
    assert not free_by_design(trace, "compare_window", "free0", row, 9)
