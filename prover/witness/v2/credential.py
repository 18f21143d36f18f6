"""
The witness of one credential: all its honest cells, part for part, in the columns that the prover
commits to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

import numpy as np

from algebra.interface import Column, Point
from circuits.credential.v2.days import INDEX_START
from circuits.credential.v2.layout import Layout
from circuits.credential.v2.link import window_digits
from circuits.credential.v2.statement import by_name, exposure_line, index_floor
from circuits.credential.v2.trace import FREE, LIMBS, RANGE
from circuits.language.circuit import END_ROWS, Circuit
from history.v2.day_rows import DayRow, Sums, loss_level
from history.v2.feed import Feed
from history.v2.metrics import METRICS
from history.v2.metrics.table import MetricTable
from history.v2.record import MAX_DAYS, Records
from prover.witness.registers import fill_registers
from prover.witness.v2.cells import Cells
from prover.witness.v2.comparisons import fill_comparisons, fill_sums
from prover.witness.v2.days import (
    day_cells,
    fill_day,
    fill_opening,
    fill_words,
    spare_day,
)
from prover.witness.v2.hashes import fill_hashes
from prover.witness.v2.link import fill_link, keep_unread, open_link
from prover.witness.v2.records import fill_records
from prover.witness.v2.score import fill_score


@dataclass
class CredentialWitness:
    """
    Honest cells of one credential.

    Parameters
    ----------
    circuit : the version's text, with all its rules: registers follow from them.
    records : the log, in row order.
    rows, sums : of the oracle, for the same thresholds.
    leaf : the ten words of the leaf. index, path : its place in the tree.
    commitment : C. secret : the identity secret.
    scalars : public scalars without C', as `derive` makes them.
    table : the window table of the setup and class.
    metrics : the table of the statement's version.
    """

    circuit: Circuit
    records: Records
    rows: Sequence[DayRow]
    sums: Sums
    leaf: Sequence[int]
    index: int
    path: Sequence[int]
    commitment: Point
    secret: int
    scope: int
    scalars: Mapping[str, int]
    table: Sequence[tuple[int, int]]
    metrics: MetricTable = METRICS

    @property
    def record_commitment(self) -> Point:
        """C, as the leaf has it: the prover adds the blinder, C' = C + rho H."""
        return self.commitment

    @property
    def n(self) -> int:
        """Rows of the class."""
        return self.circuit.size

    @cached_property
    def layout(self) -> Layout:
        """The regions of class n for this witness's metrics."""
        return Layout(self.n, self.metrics)

    @cached_property
    def feed(self) -> Feed:
        """The window's market feed, which the rows hold; its first day is in no word."""
        days = [(row.weight, row.change) for row in self.rows]
        weights, changes = zip(*days, strict=True)
        return Feed(0, weights, changes)

    @cached_property
    def thresholds(self) -> SimpleNamespace:
        """Threshold scalars by the names that the gadgets use."""
        return by_name(self.scalars)

    @cached_property
    def cells(self) -> Cells:
        """All stage-1 cells but multiplicities."""
        cells, layout, t = Cells(self.n), self.layout, self.thresholds
        fill_records(cells, self.records, t.ask[5] * t.distance, t.near_line, exposure_line(t))
        self.picks = window_digits(self._rho)
        fill_link(cells, layout, self._start, [self.table[i] for i in self.picks])
        fill_hashes(
            cells,
            layout,
            secret=self.secret,
            scope=self.scope,
            leaf=self.leaf,
            index=self.index,
            path=self.path,
            feed=self.feed.words(),
        )
        self._fill_days(cells, t)
        fill_sums(cells, layout, self.sums)
        fill_comparisons(cells, layout, t, self.sums, self.chosen, self.scalars["days"])
        self.places = fill_score(cells, layout, t, self.sums)
        return cells

    @cached_property
    def chosen(self) -> dict[str, int]:
        """m of M21, at least 0 so that spare days fit under it, and v of M24."""
        best = max(0, *(row.daily_return for row in self.rows))
        return {"best_day": best, "loss_level": loss_level(self.rows, self.thresholds.worst_days)}

    def _fill_days(self, cells: Cells, t: SimpleNamespace) -> None:
        layout = self.layout
        counts, money = self.leaf[7], self.leaf[9]
        before = (money & (1 << 48) - 1, 0, INDEX_START, 1)
        days = [day_cells(row) for row in self.rows]
        while len(days) < MAX_DAYS:
            days.append(spare_day(days[-1], t.floor))
        for number_, day in enumerate(days):
            parameters = (t.floor, t.activity, index_floor(t))
            fill_day(cells, layout.day(number_), day, before, parameters, self.chosen)
            before = (day.equity, day.open_now, day.index, day.flag)
        equity, open_now = before[:2]
        fill_opening(cells, layout, counts, money, equity - open_now, self.chosen)
        row = layout.day(MAX_DAYS)
        cells.set_free(
            row,
            [
                *(self.chosen["best_day"], equity - open_now + (1 << 47), equity, open_now),
                *(before[2], before[3], days[-1].daily, self.chosen["loss_level"]),
            ],
        )
        cells.set_free(row, [days[-1].recency], 9)
        cells.set_free(row + 1, [self.chosen["loss_level"]])
        fill_words(cells, layout, self.feed.words())

    def stage1(self, record: tuple[int, int] | None, rho: int) -> dict[str, Column]:
        """All stage-1 columns, given C' and the blinder that made it."""
        if record is None:
            raise ValueError("record: the credential circuit has a record column")
        self._start, self._rho = record, rho
        cells = self.cells
        columns = {f"limb{i}": Column(cells.limbs[i]) for i in range(LIMBS)}
        columns |= {f"free{i}": cells.free[i] for i in range(FREE)}
        return columns | {"multiplicity": self.multiplicities()}

    @property
    def entries(self) -> list[int]:
        """Rows of the table that the link's points and the features' places are looked up on."""
        scale = len(self.table)
        return [RANGE + i for i in (*self.picks, *(scale + place for place in self.places))]

    def multiplicities(self) -> Column:
        """How often each table row is looked up, over all rows that the running sum covers."""
        usable = self.n - END_ROWS
        counts = np.zeros(self.n, dtype=np.int64)
        counts[:RANGE] = np.bincount(self.cells.limbs[:, :usable].reshape(-1), minlength=RANGE)
        for entry in self.entries:
            counts[entry] += 1
        column = Column(np.where(counts < RANGE, counts, 0).astype(np.uint16))
        column.wide = {int(i): int(counts[i]) for i in np.nonzero(counts >= RANGE)[0]}
        return column

    def stage2(self, scalars: Mapping[str, int]) -> dict[str, Column]:
        """
        The register columns, given public scalars and challenges by name; `stage1` comes before.
        """
        cells = self.cells
        open_link(cells, self.layout, scalars["kappa"], self._start)
        made = fill_registers(self.circuit, cells.numbers(), cells.registers, scalars)
        keep_unread(made, self.layout)
        zeros = np.zeros(self.n, dtype=np.uint16)
        return {name: Column(zeros, values) for name, values in made.items()}
