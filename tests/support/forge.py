"""
Provers that lie well: cells of any size, with registers and multiplicities made to fit them.

`Forger` is an honest witness whose cells are changed before registers are made; `chain` fills the
link region with additions of any points, slopes and remainders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from algebra.interface import Column, P, Point, R
from algebra.native_backend import native
from algebra.poseidon2 import TAG_LEAF, hash_words
from attestor.tree import path_root
from circuits.credential.v2.layout import ADDITION_ROWS, ADDITIONS
from circuits.credential.v2.link import (
    BLOCK,
    CARRY_WIDTHS,
    GROUP,
    P_GROUPS,
    QUOTIENT_OFFSET,
    TAIL,
    TOP,
    W96,
    W192,
)
from circuits.credential.v2.trace import LIMB_BITS, LIMBS, RANGE, groups
from circuits.language.circuit import END_ROWS, Circuit
from history.v2.leaf_words import point_words
from history.v2.record import Records
from prover.witness.registers import fill_registers
from prover.witness.v2.cells import Cells
from prover.witness.v2.credential import CredentialWitness
from prover.witness.v2.link import open_link
from support.credential import LAYOUT, Case, world

Alter = Callable[[Cells, "Forger"], None]


@dataclass
class Forger(CredentialWitness):
    """
    Parameters
    ----------
    alter : changes the cells; limbs may be any field elements.
    own_link : `alter` fills the link region; the honest fill, which refuses equal abscissae, starts
        from (1, 2).
    """

    alter: Alter = lambda cells, forger: None
    own_link: bool = False

    @cached_property
    def cells(self) -> Cells:
        start, self._start = self._start, (1, 2) if self.own_link else self._start
        cells: Cells = CredentialWitness.cells.func(self)  # type: ignore[attr-defined]
        self._start = start
        cells.limbs = cells.limbs.astype(object)
        self.alter(cells, self)
        cells.limbs %= R
        return cells

    @property
    def start(self) -> tuple[int, int]:
        return self._start

    def stage1(self, record: tuple[int, int] | None, rho: int) -> dict[str, Column]:
        self.__dict__.pop("cells", None)
        out = super().stage1(record, rho)
        for i in range(LIMBS):
            out[f"limb{i}"] = split(self.cells.limbs[i])
        return out

    def multiplicities(self) -> Column:
        """Of the limbs that are in the table, and of what else is honestly looked up."""
        honest = self.cells.limbs
        usable = honest[:, : self.n - END_ROWS].reshape(-1)
        counts = np.zeros(self.n, dtype=object)
        inside = np.array([v for v in usable if v < RANGE], dtype=np.int64)
        counts[:RANGE] = np.bincount(inside, minlength=RANGE)
        for entry in self.entries:
            counts[entry] += 1
        return split(counts)


def split(values: Any) -> Column:
    """A column of field elements of any size."""
    wide = {int(i): int(values[i]) for i in np.nonzero(values >= RANGE)[0]}
    return Column(np.where(values < RANGE, values, 0).astype(np.uint16), wide)


@cache
def link_rules() -> Circuit:
    """The circuit with the rules of the link alone."""
    circuit = world().circuit
    return replace(circuit, constraints=[c for c in circuit.constraints if c.label[:5] == "link."])


def link_registers(cells: Cells, kappa: int, start: tuple[int, int]) -> dict[str, dict[int, int]]:
    """The registers of the link region by name and row, from its cells, the challenge and C'."""
    open_link(cells, LAYOUT, kappa, start)
    return fill_registers(link_rules(), cells.numbers(), cells.registers, {"kappa": kappa})


def forger(
    found: Case, alter: Alter | None = None, *, own_link: bool = False, **changes: Any
) -> Forger:
    """The case's witness with other inputs (fields of `CredentialWitness`) and altered cells."""
    honest = found.witness
    given = {f.name: getattr(honest, f.name) for f in fields(CredentialWitness)}
    return Forger(**{**given, **changes}, alter=alter or (lambda cells, _: None), own_link=own_link)


def with_records(found: Case, other: Case) -> Forger:
    """Records and commitment of another history, under the leaf of this one."""
    return forger(
        found, records=other.records, rows=other.assessment.rows, sums=other.assessment.sums,
        commitment=other.leaf.commitment,
    )  # fmt: skip


def attested(found: Case, **words: int) -> Case:
    """
    The case with words of its leaf changed and hashed anew, as if a careless attestor had signed
    that.
    """
    names = (
        "owner_tag",
        "venue",
        "header",
        "salt",
        "point0",
        "point1",
        "point2",
        "counts",
        "days",
        "money",
    )
    changed = tuple(
        words.get(name, word) for name, word in zip(names, found.leaf_words, strict=True)
    )
    digest = hash_words(TAG_LEAF, changed)
    root = path_root(digest, found.index, found.path)
    return replace(found, leaf_words=changed, statement=(root, *found.statement[1:]))


def shown(
    found: Case, forged: Forger, records: Records | None = None, rho: int = 123_456_789
) -> dict[str, Any]:
    """Arguments of `Case.failures` for a forger with a commitment of its own."""
    record = native().scale_points([forged.commitment, found.world.h], [1, rho])
    return {"record": record, "rho": rho, "records": (records or forged.records).encode()}


# -- the link --------------------------------------------------------------------------------------
def link_row(kind: str, addition: int = 0) -> int:
    """A row of the link region: a kind of `BLOCK` in an addition, or of `TAIL`."""
    if kind == "start":
        return LAYOUT.link
    if kind in TAIL:
        return LAYOUT.link + 1 + ADDITIONS * ADDITION_ROWS + TAIL.index(kind)
    return LAYOUT.link + 1 + addition * ADDITION_ROWS + BLOCK.index(kind)


@dataclass
class Step:
    """One addition as a forger wants it; None: the honest value."""

    point: tuple[int, int]
    slope: int | None = None
    x: int | None = None
    """An integer below 2^264, not reduced."""


def _times(a: Sequence[int], b: Sequence[int]) -> list[int]:
    return [sum(a[i] * b[m - i] for i in range(3) if 0 <= m - i < 3) for m in range(5)]


def _combine(*terms: tuple[int, Sequence[int]]) -> list[int]:
    return [sum(sign * (part[i] if i < len(part) else 0) for sign, part in terms) for i in range(5)]


def _reduce(difference: Sequence[int]) -> tuple[int, list[int]]:
    """
    Stored quotient and carries that satisfy difference = q p as a polynomial identity mod r.

    Over the integers if that is possible; else q and the carries are what solves it mod r (attack
    L4).
    """
    value = sum(d << 96 * i for i, d in enumerate(difference))
    quotient, remainder = divmod(value, P)
    stored = quotient + QUOTIENT_OFFSET
    if remainder:
        stored = (value * pow(P, -1, R)) % R + QUOTIENT_OFFSET
    rest = _combine(
        (1, difference), (-1, _times(groups(stored), P_GROUPS)), (1 << 63, [0, 0, *P_GROUPS])
    )
    carry, carries = 0, []
    for d, width in zip(rest[:4], CARRY_WIDTHS, strict=True):
        carry = (d + carry) >> 96 if not remainder else (d + carry) * pow(W96, -1, R) % R
        carries.append(carry + (1 << width - 1))
    return stored, carries


def chain(cells: Cells, start: tuple[int, int], steps: Sequence[Step]) -> tuple[int, int]:
    """
    Fill the link region from `start` through the steps; returns the end, whose words go to the
    leaf.

    What does not fit its limbs goes, whole, into the last limb of its place: then every rule of the
    link holds, and only the lookup of that limb fails.
    """
    (x, y), row = start, LAYOUT.link
    lazy: list[int] = groups(y)

    def limbs(at: int, start_: int, count: int, number: int) -> None:
        for i in range(count - 1):
            cells.limbs[start_ + i, at] = number % RANGE
            number >>= LIMB_BITS
        cells.limbs[start_ + count - 1, at] = number % R

    def quotient(at: int, top_row: int, found: tuple[int, list[int]]) -> None:
        stored, e = found
        limbs(at, 0, LIMBS, stored % W192)
        limbs(top_row, TOP, TOP, stored >> 192)
        for i, place in enumerate([(at + 1, 0), (at + 1, GROUP), (at + 2, 0)]):
            limbs(*place, GROUP, e[i] % W96)
            cells.limbs[2 * TOP + i, top_row] = e[i] >> 96
        limbs(at + 2, GROUP, GROUP, e[3])

    for step in steps:
        xt, yt = step.point
        lam = step.slope if step.slope is not None else (yt - y) * pow(xt - x, -1, P) % P
        x3 = step.x if step.x is not None else (lam * lam - x - xt) % P
        gl, gt, gx, g3 = groups(lam), groups(xt), groups(x), groups(x3)
        lifted = _combine((1, _times(gl, gt)), (-1, groups(yt)))
        one = _reduce(_combine((1, lifted), (-1, _times(gl, gx)), (1, lazy)))
        two = _reduce(_combine((1, _times(gl, gl)), (-1, gx), (-1, gt), (-1, g3)))
        limbs(row + 1, 0, LIMBS, lam % W192)
        limbs(row + 2, 0, TOP, lam >> 192)
        limbs(row + 2, TOP, TOP, xt >> 192)
        limbs(row + 3, 0, LIMBS, xt % W192)
        cells.set_free(row + 3, [pow(xt - start[0], R - 2, R)])  # 0 where there is no inverse
        limbs(row + 4, 0, LIMBS, yt % W192)
        limbs(row + 5, 0, TOP, yt >> 192)
        cells.set_free(row + 5, [a + (b << 100) for a, b in zip(gt, groups(yt), strict=True)])
        quotient(row + 6, row + 5, one)
        limbs(row + 12, 0, TOP, x3 >> 192)
        quotient(row + 9, row + 12, two)
        limbs(row + 13, 0, LIMBS, x3 % W192)
        y = (lam * (xt - x3) - yt) % P
        lazy, x = _combine((1, lifted), (-1, _times(gl, g3))), x3
        row += ADDITION_ROWS
    last = _reduce(_combine((1, lazy), (-1, groups(y))))
    limbs(row + 4, 0, TOP, y >> 192)
    quotient(row + 1, row + 4, last)
    limbs(row + 5, 0, LIMBS, y % W192)
    words = point_words((x, y))
    cells.set_free(row + 6, words)
    cells.set_free(row + 7, words[2:])
    return x, y


def point(x: Point) -> tuple[int, int]:
    """A point that is not infinity."""
    if x is None:
        raise ValueError("infinity")
    return x
